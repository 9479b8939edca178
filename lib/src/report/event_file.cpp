#include "report/event_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

#include "core/append_file.h"
#include "core/fail.h"
#include "report/crc32c.h"

namespace mobireg {
namespace {

// Field numbers of Event, Summary, Summary.Value and SessionLog.
constexpr int kWallTime = 1;
constexpr int kStep = 2;
constexpr int kFileVersion = 3;
constexpr int kSummary = 5;
constexpr int kSessionLog = 7;
constexpr int kValue = 1;
constexpr int kTag = 1;
constexpr int kSimpleValue = 2;
constexpr int kStatus = 1;
constexpr std::uint64_t kStart = 1;

constexpr const char* kVersion = "brain.Event:2";

/// Little-endian, whatever the processor is.
template <class T>
std::string fixed_bytes(T value) {
  std::string bytes;
  for (std::size_t i = 0; i < sizeof(T); ++i) bytes += static_cast<char>(value >> (8 * i) & 0xFF);
  return bytes;
}

template <class Bits, class T>
Bits bits_of(T value) {
  static_assert(sizeof(Bits) == sizeof(T));
  Bits bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}

/// A message in protobuf's encoding.
class Message {
 public:
  void integer(int field, std::uint64_t value) {
    key(field, 0);
    varint(value);
  }
  void real(int field, double value) {
    key(field, 1);
    bytes_ += fixed_bytes(bits_of<std::uint64_t>(value));
  }
  void real(int field, float value) {
    key(field, 5);
    bytes_ += fixed_bytes(bits_of<std::uint32_t>(value));
  }
  void text(int field, std::string_view value) {
    key(field, 2);
    varint(value.size());
    bytes_ += value;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  void key(int field, unsigned type) { varint(static_cast<unsigned>(field) << 3 | type); }
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>(value | 0x80);
    bytes_ += static_cast<char>(value);
  }

  std::string bytes_;
};

Message event_at(std::int64_t step) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  Message event;
  event.real(kWallTime, std::chrono::duration<double>(now).count());
  event.integer(kStep, static_cast<std::uint64_t>(step));
  return event;
}

void append(const std::filesystem::path& path, const Message& event) {
  append_to_file(path, tf_record(event.bytes()), AppendUntil::kInFile);
}

/// A new file, whatever files there are.
std::filesystem::path create_in(const std::filesystem::path& folder) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now).count();
  for (int i = 0;; ++i) {
    auto path = folder / fmt::format("events.out.tfevents.{:010}.mobireg.{}", seconds, i);
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (file >= 0) {
      ::close(file);
      return path;
    }
    if (errno != EEXIST) fail("{}: cannot be written: {}", path.string(), std::strerror(errno));
  }
}

}  // namespace

std::string tf_record(std::string_view bytes) {
  const std::string length = fixed_bytes(static_cast<std::uint64_t>(bytes.size()));
  return length + fixed_bytes(masked_crc32c(length)) + std::string(bytes) +
         fixed_bytes(masked_crc32c(bytes));
}

EventFile::EventFile(const std::filesystem::path& folder, std::int64_t first_step) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) fail("{}: the folder cannot be made: {}", folder.string(), error.message());
  path_ = create_in(folder);
  Message version = event_at(0);
  version.text(kFileVersion, kVersion);
  append(path_, version);
  Message log;
  log.integer(kStatus, kStart);
  Message start = event_at(first_step);
  start.text(kSessionLog, log.bytes());
  append(path_, start);
}

void EventFile::add(std::int64_t step, const std::vector<Scalar>& scalars) {
  Message summary;
  for (const Scalar& scalar : scalars) {
    Message value;
    value.text(kTag, scalar.tag);
    value.real(kSimpleValue, static_cast<float>(scalar.value));
    summary.text(kValue, value.bytes());
  }
  Message event = event_at(step);
  event.text(kSummary, summary.bytes());
  append(path_, event);
}

}  // namespace mobireg
