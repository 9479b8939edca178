#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace mobireg {

struct NamedTensor {
  std::string name;
  at::Tensor tensor;
};

/// What a safetensors file holds (https://github.com/huggingface/safetensors): a JSON header, then
/// the raw tensors. Reading one runs no code.
struct TensorFile {
  std::map<std::string, std::string> metadata;
  std::vector<NamedTensor> tensors;

  /// The tensor of that name; undefined when the file has none.
  at::Tensor find(const std::string& name) const;
};

/// `kSha256`: the last tensor is `checksum.sha256` (U8, 32), the SHA-256 of all bytes before it.
enum class Checksum { kNone, kSha256 };

/// Writes to a temporary name, flushes, renames. Tensors are written contiguous, in the given
/// order. Throws Error when it cannot be written; an older file of that name then stays as it was.
void write_safetensors(const std::filesystem::path& path, const TensorFile& file,
                       Checksum checksum = Checksum::kNone);

/// Reads a whole file; tensors are contiguous, on the CPU. A checksum is verified where the file
/// has one, and required with `kSha256`; it is not among the tensors returned.
/// Throws Error, one line naming the file and what is wrong with it.
TensorFile read_safetensors(const std::filesystem::path& path, Checksum checksum = Checksum::kNone);

/// The header's metadata alone, unverified: cheap, to choose among files.
std::map<std::string, std::string> read_safetensors_metadata(const std::filesystem::path& path);

}  // namespace mobireg
