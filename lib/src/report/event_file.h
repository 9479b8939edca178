#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace mobireg {

struct Scalar {
  std::string tag;
  double value = 0;  // stored as a float
};

/// A file that TensorBoard reads: TFRecords (length, its masked CRC32C, bytes, their masked CRC32C;
/// all little-endian), each an `Event` of tensorflow/core/util/event.proto in protobuf's encoding.
class EventFile {
 public:
  /// Begins a new file `events.out.tfevents.SECONDS.mobireg.N` in the folder, beside those that are
  /// there. first_step: events of earlier files at this step or later are void, for the run goes on
  /// from before them; TensorBoard drops them. Throws Error when it cannot be written.
  EventFile(const std::filesystem::path& folder, std::int64_t first_step);

  /// Appends one event; it is in the file when this returns. Throws Error when it cannot be
  /// written.
  void add(std::int64_t step, const std::vector<Scalar>& scalars);

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// One record of a TFRecord file.
std::string tf_record(std::string_view bytes);

}  // namespace mobireg
