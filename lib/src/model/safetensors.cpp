#include "mobireg/model/safetensors.h"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/fail.h"
#include "core/sha256.h"
#include "mobireg/core/file.h"

namespace mobireg {
namespace {

using nlohmann::json;

constexpr const char* kChecksumName = "checksum.sha256";
constexpr std::uint64_t kMaxHeader = 100'000'000;  // the format's own limit

struct DtypeName {
  at::ScalarType type;
  const char* name;
};
constexpr std::array<DtypeName, 10> kDtypes{{{at::kDouble, "F64"},
                                             {at::kLong, "I64"},
                                             {at::kFloat, "F32"},
                                             {at::kInt, "I32"},
                                             {at::kHalf, "F16"},
                                             {at::kBFloat16, "BF16"},
                                             {at::kShort, "I16"},
                                             {at::kChar, "I8"},
                                             {at::kByte, "U8"},
                                             {at::kBool, "BOOL"}}};

const char* dtype_name(at::ScalarType type) {
  for (const DtypeName& dtype : kDtypes) {
    if (dtype.type == type) return dtype.name;
  }
  fail("a tensor of type {} cannot be written as safetensors", at::toString(type));
}

json describe(at::ScalarType type, at::IntArrayRef shape, std::uint64_t begin, std::uint64_t end) {
  return {{"dtype", dtype_name(type)}, {"shape", shape.vec()}, {"data_offsets", {begin, end}}};
}

/// The eight bytes of the header's length and the header, padded so that tensors stay aligned.
std::string encode_header(const TensorFile& file, const std::vector<at::Tensor>& tensors,
                          Checksum checksum) {
  nlohmann::ordered_json header;
  if (!file.metadata.empty()) header["__metadata__"] = file.metadata;
  std::uint64_t offset = 0;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const std::uint64_t end = offset + tensors[i].nbytes();
    header[file.tensors[i].name] =
        describe(tensors[i].scalar_type(), tensors[i].sizes(), offset, end);
    offset = end;
  }
  if (checksum == Checksum::kSha256) {
    header[kChecksumName] = describe(at::kByte, {32}, offset, offset + 32);
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  std::uint64_t length = text.size();
  std::string bytes(8, '\0');
  for (char& byte : bytes) {
    byte = static_cast<char>(length & 0xFF);
    length >>= 8;
  }
  return bytes + text;
}

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& why) {
  fail("{}: not a usable safetensors file: {}", path.string(), why);
}

std::uint64_t decode_length(const char* bytes) {
  std::uint64_t length = 0;
  for (int i = 7; i >= 0; --i) length = length << 8 | static_cast<unsigned char>(bytes[i]);
  return length;
}

json parse_header(const std::filesystem::path& path, const std::string& text) {
  json header = json::parse(text, nullptr, false);
  if (!header.is_object()) refuse(path, "its header is not a JSON object");
  return header;
}

struct Entry {
  std::string name;
  at::ScalarType type;
  std::vector<std::int64_t> shape;
  std::uint64_t begin;
  std::uint64_t end;
};

Entry parse_entry(const std::filesystem::path& path, const std::string& name, const json& value,
                  std::uint64_t data_size) {
  Entry entry{name, at::kFloat, {}, 0, 0};
  try {
    const auto dtype_text = value.at("dtype").get<std::string>();
    const auto dtype = std::find_if(kDtypes.begin(), kDtypes.end(),
                                    [&](const DtypeName& d) { return dtype_text == d.name; });
    if (dtype == kDtypes.end()) refuse(path, name + " has the unknown type " + dtype_text);
    entry.type = dtype->type;
    entry.shape = value.at("shape").get<std::vector<std::int64_t>>();
    entry.begin = value.at("data_offsets").at(0).get<std::uint64_t>();
    entry.end = value.at("data_offsets").at(1).get<std::uint64_t>();
  } catch (const json::exception&) {
    refuse(path, "its header does not describe " + name + " as it should");
  }
  std::uint64_t bytes = at::elementSize(entry.type);
  for (const std::int64_t size : entry.shape) {
    if (size < 0 || (size > 0 && bytes > data_size / static_cast<std::uint64_t>(size))) {
      refuse(path, name + " is larger than the file");
    }
    bytes *= static_cast<std::uint64_t>(size);
  }
  if (entry.begin > entry.end || entry.end > data_size || entry.end - entry.begin != bytes) {
    refuse(path, "the place of " + name + " does not fit its shape or the file's size");
  }
  return entry;
}

/// The tensors in the order they lie in the file; they must cover it without gap or overlap.
std::vector<Entry> parse_entries(const std::filesystem::path& path, const json& header,
                                 std::uint64_t data_size) {
  std::vector<Entry> entries;
  for (const auto& item : header.items()) {
    if (item.key() != "__metadata__") {
      entries.push_back(parse_entry(path, item.key(), item.value(), data_size));
    }
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.begin, a.end) < std::tie(b.begin, b.end);
  });
  std::uint64_t end = 0;
  for (const Entry& entry : entries) {
    if (entry.begin != end) refuse(path, "its tensors leave gaps or overlap at " + entry.name);
    end = entry.end;
  }
  if (end != data_size) {
    refuse(path,
           fmt::format("it has {} bytes of tensors where its header tells of {}", data_size, end));
  }
  return entries;
}

std::map<std::string, std::string> parse_metadata(const std::filesystem::path& path,
                                                  const json& header) {
  const auto found = header.find("__metadata__");
  if (found == header.end()) return {};
  try {
    return found->get<std::map<std::string, std::string>>();
  } catch (const json::exception&) {
    refuse(path, "its metadata is not a table of texts");
  }
}

void verify_checksum(const std::filesystem::path& path, const std::string& bytes,
                     const Entry& entry, std::size_t data_start) {
  const std::size_t begin = data_start + entry.begin;
  Sha256 sha;
  sha.update(bytes.data(), begin);
  const Sha256Digest digest = sha.digest();
  if (begin + digest.size() != bytes.size() ||
      std::memcmp(bytes.data() + begin, digest.data(), digest.size()) != 0) {
    refuse(path, "its checksum does not match; it is damaged");
  }
}

}  // namespace

at::Tensor TensorFile::find(const std::string& name) const {
  for (const NamedTensor& named : tensors) {
    if (named.name == name) return named.tensor;
  }
  return {};
}

void write_safetensors(const std::filesystem::path& path, const TensorFile& file,
                       Checksum checksum) {
  std::vector<at::Tensor> tensors;
  for (const NamedTensor& named : file.tensors) {
    tensors.push_back(named.tensor.detach().to(at::kCPU).contiguous());
  }
  const std::string header = encode_header(file, tensors, checksum);
  write_file_atomically(path, [&](const WriteBytes& write) {
    Sha256 sha;
    const auto put = [&](const void* data, std::size_t size) {
      if (size > 0) write(data, size);
      if (checksum == Checksum::kSha256) sha.update(data, size);
    };
    put(header.data(), header.size());
    for (const at::Tensor& tensor : tensors) put(tensor.data_ptr(), tensor.nbytes());
    if (checksum == Checksum::kSha256) {
      const Sha256Digest digest = sha.digest();
      write(digest.data(), digest.size());
    }
  });
}

TensorFile read_safetensors(const std::filesystem::path& path, Checksum checksum) {
  const std::string bytes = read_file(path);
  if (bytes.size() < 8) refuse(path, fmt::format("it has {} bytes", bytes.size()));
  const std::uint64_t length = decode_length(bytes.data());
  if (length > kMaxHeader || length > bytes.size() - 8) refuse(path, "its header is cut off");
  const json header = parse_header(path, bytes.substr(8, length));
  const std::size_t data_start = 8 + length;
  TensorFile file;
  file.metadata = parse_metadata(path, header);
  bool checked = false;
  for (const Entry& entry : parse_entries(path, header, bytes.size() - data_start)) {
    if (entry.name == kChecksumName) {
      verify_checksum(path, bytes, entry, data_start);
      checked = true;
      continue;
    }
    at::Tensor tensor = at::empty(entry.shape, entry.type);
    if (tensor.nbytes() > 0) {
      std::memcpy(tensor.data_ptr(), bytes.data() + data_start + entry.begin, tensor.nbytes());
    }
    file.tensors.push_back({entry.name, tensor});
  }
  if (checksum == Checksum::kSha256 && !checked) refuse(path, "it has no checksum");
  return file;
}

std::map<std::string, std::string> read_safetensors_metadata(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::array<char, 8> prefix{};
  if (!stream.read(prefix.data(), prefix.size())) refuse(path, "it cannot be read or is cut off");
  const std::uint64_t length = decode_length(prefix.data());
  if (length > kMaxHeader) refuse(path, "its header is cut off");
  std::string text(length, '\0');
  if (!stream.read(text.data(), static_cast<std::streamsize>(length))) {
    refuse(path, "its header is cut off");
  }
  return parse_metadata(path, parse_header(path, text));
}

}  // namespace mobireg
