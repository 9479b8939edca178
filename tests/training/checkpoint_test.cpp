#include "mobireg/training/checkpoint.h"

#include <torch/types.h>

#include <catch2/catch.hpp>

#include "mobireg/core/error.h"
#include "mobireg/core/file.h"
#include "temporary_folder.h"

namespace mobireg {
namespace {

Checkpoint sample(std::int64_t step) {
  RunConfig config;
  config.data.csv = "labels.csv";
  Checkpoint checkpoint;
  checkpoint.config = resolve_config(config);
  checkpoint.epoch = 2;
  checkpoint.step = step;
  checkpoint.threads = 2;
  checkpoint.data_fingerprint = "abc";
  checkpoint.best = BestEpoch{1, 0.1234567890123456789};
  checkpoint.tensors = {{"w", torch::full({3}, static_cast<float>(step))}};
  return checkpoint;
}

void flip_bit(const std::filesystem::path& path, std::size_t byte) {
  std::string bytes = read_file(path);
  bytes[byte] = static_cast<char>(bytes[byte] ^ 1);
  write_file_atomically(path, bytes);
}

TEST_CASE("all of a checkpoint comes back") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "c.safetensors";
  const Checkpoint written = sample(7);
  write_checkpoint(path, written);
  const Checkpoint read = read_checkpoint(path);
  CHECK(to_json(read.config) == to_json(written.config));
  CHECK(read.epoch == 2);
  CHECK(read.step == 7);
  CHECK(read.threads == 2);
  CHECK(read.data_fingerprint == "abc");
  REQUIRE(read.best);
  CHECK(read.best->epoch == 1);
  CHECK(read.best->mae == written.best->mae);
  CHECK(torch::equal(read.tensors.at(0).tensor, written.tensors.at(0).tensor));
}

TEST_CASE("the newest good checkpoint is used; damaged ones are told of and passed over") {
  const TemporaryFolder folder;
  std::vector<std::string> warnings;
  const WarningCallback warn = [&](const std::string& text) { warnings.push_back(text); };
  CHECK(!newest_checkpoint(folder.path() / "missing", warn));
  for (const int step : {3, 1, 2}) {
    write_checkpoint(folder.path() / ("s" + std::to_string(step) + ".safetensors"), sample(step));
  }
  write_file_atomically(folder.path() / ".half.safetensors.tmp-1", "half a write");
  CHECK(newest_checkpoint(folder.path(), warn)->step == 3);
  CHECK(warnings.empty());

  const auto newest = folder.path() / "s3.safetensors";
  flip_bit(newest, std::filesystem::file_size(newest) - 1);
  CHECK(newest_checkpoint(folder.path(), warn)->step == 2);
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0] == newest.string() +
                           ": not a usable safetensors file: its checksum does not "
                           "match; it is damaged");

  std::filesystem::resize_file(folder.path() / "s2.safetensors", 100);
  CHECK(newest_checkpoint(folder.path(), warn)->step == 1);
}

TEST_CASE("foreign files are refused by what they lack") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "c.safetensors";
  const auto write = [&](std::map<std::string, std::string> metadata) {
    write_safetensors(path, {std::move(metadata), {}}, Checksum::kSha256);
  };
  write({});
  CHECK_THROWS_WITH(read_checkpoint(path),
                    path.string() + ": not a mobireg checkpoint: it has no format");
  write({{"format", "pt"}});
  CHECK_THROWS_WITH(read_checkpoint(path), path.string() + ": not a mobireg checkpoint");
  write({{"format", "mobireg-checkpoint"}, {"format_version", "9"}});
  CHECK_THROWS_WITH(read_checkpoint(path),
                    path.string() + ": its format version is 9; this mobireg reads version 1");
  write_file_atomically(path,
                        "PK\x03\x04 not safetensors at all, but long enough to have a length");
  CHECK_THROWS_WITH(read_checkpoint(path), Catch::Contains("not a usable safetensors file"));
}

}  // namespace
}  // namespace mobireg
