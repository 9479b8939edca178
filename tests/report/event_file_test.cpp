#include "report/event_file.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>

#include "deploy/protobuf_reader.h"
#include "mobireg/core/error.h"
#include "mobireg/core/file.h"
#include "report/crc32c.h"
#include "temporary_folder.h"

namespace mobireg {
namespace {

template <class T>
T little_endian(std::string_view bytes) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    value |= static_cast<T>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  }
  return value;
}

/// The events of a file, its framing checked.
std::vector<std::string> events_of(const std::filesystem::path& path) {
  const std::string bytes = read_file(path);
  std::vector<std::string> events;
  for (std::string_view rest = bytes; !rest.empty();) {
    const auto size = little_endian<std::uint64_t>(rest);
    CHECK(little_endian<std::uint32_t>(rest.substr(8)) == masked_crc32c(rest.substr(0, 8)));
    events.emplace_back(rest.substr(12, size));
    CHECK(little_endian<std::uint32_t>(rest.substr(12 + size)) == masked_crc32c(events.back()));
    rest.remove_prefix(16 + size);
  }
  return events;
}

/// A message's fields by their numbers; the last of each.
std::map<std::uint64_t, ProtobufField> fields_of(std::string_view message) {
  const std::string origin = "event";
  ProtobufReader reader(message, origin);
  std::map<std::uint64_t, ProtobufField> fields;
  for (ProtobufField field; reader.next(field);) fields[field.number] = field;
  return fields;
}

/// The values of an event by their tags.
std::map<std::string, float> scalars_of(std::string_view event) {
  const std::string origin = "summary";
  ProtobufReader summary(fields_of(event).at(5).bytes, origin);
  std::map<std::string, float> scalars;
  for (ProtobufField value; summary.next(value);) {
    const auto fields = fields_of(value.bytes);
    scalars[std::string(fields.at(1).bytes)] = fields.at(2).real();
  }
  return scalars;
}

TEST_CASE("an event file begins with its version and the step it starts at") {
  const TemporaryFolder folder;
  const EventFile file(folder.path() / "tensorboard", 301);
  CHECK(file.path().filename().string().rfind("events.out.tfevents.", 0) == 0);
  const auto events = events_of(file.path());
  REQUIRE(events.size() == 2);
  CHECK(fields_of(events[0]).at(3).bytes == "brain.Event:2");
  CHECK(fields_of(events[1]).at(2).integer() == 301);
  CHECK(fields_of(fields_of(events[1]).at(7).bytes).at(1).integer() == 1);  // SessionLog.START
}

TEST_CASE("scalars are found under their tags, at their step and time") {
  const TemporaryFolder folder;
  EventFile file(folder.path(), 1);
  file.add(40, {{"mae/train", 12.5}, {"mae/validation", NAN}});
  file.add(std::int64_t{1} << 40, {{"a tag of " + std::string(300, 'x'), -1e-3}});
  const auto events = events_of(file.path());
  REQUIRE(events.size() == 4);
  CHECK(fields_of(events[2]).at(2).integer() == 40);
  CHECK(scalars_of(events[2]).at("mae/train") == 12.5F);
  CHECK(std::isnan(scalars_of(events[2]).at("mae/validation")));
  CHECK(fields_of(events[3]).at(2).integer() == std::int64_t{1} << 40);
  CHECK(scalars_of(events[3]).at("a tag of " + std::string(300, 'x')) == -1e-3F);
  double time = 0;
  const std::uint64_t bits = fields_of(events[2]).at(1).value;
  std::memcpy(&time, &bits, sizeof(time));
  CHECK(std::abs(time - static_cast<double>(std::time(nullptr))) < 60);
}

TEST_CASE("each event is in the file as soon as it is added") {
  const TemporaryFolder folder;
  EventFile file(folder.path(), 1);
  file.add(1, {{"loss", 2}});
  CHECK(events_of(file.path()).size() == 3);
  file.add(2, {{"loss", 1}});
  CHECK(events_of(file.path()).size() == 4);
}

TEST_CASE("a new file leaves those that are there, and comes after them by name") {
  const TemporaryFolder folder;
  const EventFile first(folder.path(), 1);
  const EventFile second(folder.path(), 5);
  CHECK(first.path() != second.path());
  CHECK(first.path().string() < second.path().string());
  CHECK(events_of(first.path()).size() == 2);
}

TEST_CASE("an event file that cannot be written says so") {
  const TemporaryFolder folder;
  write_file_atomically(folder.path() / "file", "x");
  CHECK_THROWS_AS(EventFile(folder.path() / "file", 1), Error);
  EventFile file(folder.path(), 1);
  std::filesystem::remove(file.path());
  CHECK_THROWS_WITH(file.add(1, {}),
                    file.path().string() + ": cannot be written: No such file or directory");
}

}  // namespace
}  // namespace mobireg
