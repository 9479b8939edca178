#include "deploy/ncnn_param.h"

#include <algorithm>
#include <charconv>
#include <sstream>

#include "core/fail.h"
#include "deploy/ncnn.h"
#include "mobireg/core/text.h"

namespace mobireg {
namespace {

constexpr int kMaxLayers = 1000;
constexpr int kMaxNumber = 100'000'000;

int parse_number(const std::string& text, int max, const std::string& what) {
  int number = -1;
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number);
  if (result.ec != std::errc() || result.ptr != end || number < 0 || number > max) {
    fail("{} is {}; it must be a whole number of 0 to {}", what, in_quotes(text), max);
  }
  return number;
}

std::pair<int, std::string> parse_parameter(const std::string& word, const std::string& where) {
  int id = 0;
  const char* end = word.data() + word.size();
  const auto result = std::from_chars(word.data(), end, id);
  if (result.ec != std::errc() || result.ptr == end || *result.ptr != '=') {
    fail("{}: {} is no parameter", where, in_quotes(word));
  }
  return {id, std::string(result.ptr + 1, end)};
}

NcnnLayer parse_layer(const std::string& line, int number) {
  const std::string where = fmt::format("line {}", number);
  std::istringstream words(line);
  NcnnLayer layer;
  std::string bottoms;
  std::string tops;
  if (!(words >> layer.type >> layer.name >> bottoms >> tops)) {
    fail("{}: {} is no layer", where, in_quotes(line));
  }
  layer.bottoms.resize(static_cast<std::size_t>(
      parse_number(bottoms, kMaxLayers, where + ": the number of inputs")));
  layer.tops.resize(
      static_cast<std::size_t>(parse_number(tops, kMaxLayers, where + ": the number of outputs")));
  for (auto* blobs : {&layer.bottoms, &layer.tops}) {
    for (std::string& blob : *blobs) {
      if (!(words >> blob)) fail("{}: the layer '{}' is cut off", where, layer.name);
    }
  }
  for (std::string word; words >> word;) {
    layer.parameters.push_back(parse_parameter(word, where));
  }
  return layer;
}

std::size_t count_blobs(const std::vector<NcnnLayer>& layers) {
  std::size_t count = 0;
  for (const NcnnLayer& layer : layers) count += layer.tops.size();
  return count;
}

}  // namespace

int NcnnLayer::take(int id) {
  const std::string text = take_text(id);
  if (text.empty()) return 0;
  return parse_number(text, kMaxNumber, fmt::format("the layer '{}': parameter {}", name, id));
}

int NcnnLayer::take_positive(int id) {
  const int value = take(id);
  if (value == 0) refuse(fmt::format("lacks the parameter {}", id));
  return value;
}

std::string NcnnLayer::take_text(int id) {
  const auto found = std::find_if(parameters.begin(), parameters.end(),
                                  [&](const auto& parameter) { return parameter.first == id; });
  if (found == parameters.end()) return "";
  std::string text = std::move(found->second);
  parameters.erase(found);
  return text;
}

void NcnnLayer::expect(int id, int value) {
  const int found = take(id);
  if (found != value) {
    refuse(fmt::format("has the parameter {}={}, where {} is expected", id, found, value));
  }
}

void NcnnLayer::finish() const {
  if (!parameters.empty()) refuse(fmt::format("has the parameter {}", parameters[0].first));
}

void NcnnLayer::refuse(const std::string& why) const {
  fail("the layer '{}' ({}) {}; mobireg reads only what it writes", name, type, why);
}

std::string print_ncnn_param(const std::vector<NcnnLayer>& layers) {
  std::string text = fmt::format("{}\n{} {}\n", kNcnnMagic, layers.size(), count_blobs(layers));
  for (const NcnnLayer& layer : layers) {
    text += fmt::format("{:<20} {:<16} {} {}", layer.type, layer.name, layer.bottoms.size(),
                        layer.tops.size());
    for (const auto* blobs : {&layer.bottoms, &layer.tops}) {
      for (const std::string& blob : *blobs) text += " " + blob;
    }
    for (const auto& [id, value] : layer.parameters) text += fmt::format(" {}={}", id, value);
    text += "\n";
  }
  return text;
}

std::vector<NcnnLayer> parse_ncnn_param(const std::string& text) {
  std::istringstream lines(text);
  std::string line;
  std::getline(lines, line);
  if (line != kNcnnMagic) fail("not an ncnn .param file: it does not begin with {}", kNcnnMagic);
  std::string layer_count;
  std::string blob_count;
  std::getline(lines, line);
  std::istringstream(line) >> layer_count >> blob_count;
  const int expected = parse_number(layer_count, kMaxLayers, "line 2: the number of layers");
  const int blobs = parse_number(blob_count, kMaxLayers, "line 2: the number of blobs");
  std::vector<NcnnLayer> layers;
  while (std::getline(lines, line)) {
    layers.push_back(parse_layer(line, static_cast<int>(layers.size()) + 3));
  }
  if (static_cast<int>(layers.size()) != expected) {
    fail("it has {} layers, where its second line says {}", layers.size(), expected);
  }
  if (static_cast<int>(count_blobs(layers)) != blobs) {
    fail("its layers make {} blobs, where its second line says {}", count_blobs(layers), blobs);
  }
  return layers;
}

}  // namespace mobireg
