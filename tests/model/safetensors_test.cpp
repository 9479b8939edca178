#include "mobireg/model/safetensors.h"

#include <catch2/catch.hpp>

#include "mobireg/core/error.h"
#include "mobireg/core/file.h"
#include "temporary_folder.h"

namespace mobireg {
namespace {

TensorFile sample_file() {
  TensorFile file;
  file.metadata = {{"epoch", "3"}, {"note", "quotes \" and \n lines"}};
  for (const auto type :
       {torch::kDouble, torch::kLong, torch::kFloat, torch::kInt, torch::kHalf, torch::kBFloat16,
        torch::kShort, torch::kChar, torch::kByte, torch::kBool}) {
    file.tensors.push_back(
        {std::string("t.") + c10::toString(type), torch::arange(6).view({2, 3}).to(type)});
  }
  file.tensors.push_back({"scalar", torch::tensor(2.5F)});
  file.tensors.push_back({"empty", torch::empty({0, 4})});
  file.tensors.push_back({"strided", torch::arange(6.0F).view({2, 3}).t()});
  return file;
}

std::string with_header(const std::string& header, const std::string& data) {
  std::string bytes(8, '\0');
  bytes[0] = static_cast<char>(header.size() & 0xFF);
  bytes[1] = static_cast<char>(header.size() >> 8);
  return bytes + header + data;
}

TEST_CASE("every type, shape and metadata text comes back, with and without a checksum") {
  const TemporaryFolder folder;
  const TensorFile file = sample_file();
  for (const Checksum checksum : {Checksum::kNone, Checksum::kSha256}) {
    const auto path = folder.path() / "t.safetensors";
    write_safetensors(path, file, checksum);
    const TensorFile read = read_safetensors(path, checksum);
    CHECK(read.metadata == file.metadata);
    CHECK(read_safetensors_metadata(path) == file.metadata);
    REQUIRE(read.tensors.size() == file.tensors.size());
    for (const NamedTensor& named : file.tensors) {
      CAPTURE(named.name);
      CHECK(read.find(named.name).scalar_type() == named.tensor.scalar_type());
      CHECK(torch::equal(read.find(named.name), named.tensor.contiguous()));
    }
  }
}

TEST_CASE("any flipped bit and any truncation of a file with a checksum is refused in one line") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "t.safetensors";
  write_safetensors(path, {{{"epoch", "3"}}, {{"w", torch::arange(5.0F)}}}, Checksum::kSha256);
  const std::string good = read_file(path);
  const auto refused = [&](const std::string& bytes) {
    write_file_atomically(path, bytes);
    try {
      read_safetensors(path, Checksum::kSha256);
    } catch (const Error& error) {
      const std::string text = error.what();
      return text.find('\n') == std::string::npos && text.find(path.string()) == 0;
    }
    return false;
  };
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
    if (!refused(bad)) FAIL("bit " << bit << " went through");
  }
  for (std::size_t size = 0; size < good.size(); ++size) {
    if (!refused(good.substr(0, size))) FAIL("cut to " << size << " bytes went through");
  }
  CHECK(refused(good + "x"));
  write_file_atomically(path, good);
  CHECK_NOTHROW(read_safetensors(path, Checksum::kSha256));
}

TEST_CASE("a plain file is refused where a checksum is required") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "t.safetensors";
  write_safetensors(path, {{}, {{"w", torch::zeros({1})}}});
  CHECK_THROWS_WITH(read_safetensors(path, Checksum::kSha256),
                    Catch::EndsWith("it has no checksum"));
}

TEST_CASE("hostile headers are refused, each with its reason") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "t.safetensors";
  const std::vector<std::pair<std::string, std::string>> table{
      {"", "it has 0 bytes"},
      {std::string(8, '\xFF'), "its header is cut off"},
      {with_header("[1]", ""), "its header is not a JSON object"},
      {with_header("{]", ""), "its header is not a JSON object"},
      {with_header(R"({"w": 1})", ""), "its header does not describe w as it should"},
      {with_header(R"({"w": {"dtype": "F99", "shape": [1], "data_offsets": [0, 4]}})", "1234"),
       "w has the unknown type F99"},
      {with_header(R"({"w": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}})", "1234"),
       "w is larger than the file"},
      {with_header(
           R"({"w": {"dtype": "F32", "shape": [4611686018427387904, 4], "data_offsets": [0, 4]}})",
           "1234"),
       "w is larger than the file"},
      {with_header(R"({"w": {"dtype": "F32", "shape": [1], "data_offsets": [4, 0]}})", "1234"),
       "the place of w does not fit its shape or the file's size"},
      {with_header(R"({"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 8]}})", "12345678"),
       "the place of w does not fit its shape or the file's size"},
      {with_header(R"({"w": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}})", "12345678"),
       "its tensors leave gaps or overlap at w"},
      {with_header(R"({"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}})", "12345678"),
       "it has 8 bytes of tensors where its header tells of 4"},
      {with_header(R"({"__metadata__": {"epoch": 3}})", ""),
       "its metadata is not a table of texts"},
  };
  for (const auto& [bytes, reason] : table) {
    write_file_atomically(path, bytes);
    CHECK_THROWS_WITH(read_safetensors(path),
                      path.string() + ": not a usable safetensors file: " + reason);
  }
}

TEST_CASE("types safetensors does not know are refused when writing") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "t.safetensors";
  CHECK_THROWS_WITH(write_safetensors(path, {{}, {{"w", torch::zeros({1}, torch::kComplexFloat)}}}),
                    Catch::Contains("cannot be written as safetensors"));
  CHECK(!std::filesystem::exists(path));
}

}  // namespace
}  // namespace mobireg
