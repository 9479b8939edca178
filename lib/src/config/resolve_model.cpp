// The rules between the fields of a model, and what is filled in where it leaves a choice open.

#include <algorithm>
#include <map>
#include <set>

#include "config/fields.h"
#include "config/resolve.h"
#include "core/fail.h"
#include "data/fit_input.h"
#include "mobireg/config/units.h"
#include "mobireg/core/text.h"

namespace mobireg {
namespace {

std::vector<double> one_a_channel(const std::vector<double>& values, int channels,
                                  const char* field) {
  if (values.size() == static_cast<std::size_t>(channels)) return values;
  if (values.size() != 1) {
    fail("model.input.{}: {} values given; it must be one, or one for each of {} channels", field,
         values.size(), channels);
  }
  return std::vector<double>(static_cast<std::size_t>(channels), values[0]);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Names become parts of tensor names, CSV columns and ONNX outputs.
void check_name(const std::string& name, const char* field) {
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || is_digit(c);
  };
  if (name.empty() || is_digit(name[0]) || !std::all_of(name.begin(), name.end(), is_allowed)) {
    fail("{}: {} is not a name; it must be letters, digits and _, not beginning with a digit",
         field, in_quotes(name));
  }
}

/// x0, x17, ...
bool is_numbered(const std::string& name, char letter) {
  return name.size() > 1 && name[0] == letter &&
         std::all_of(name.begin() + 1, name.end(), is_digit);
}

OutputKind kind_by_name(const OutputConfig& output) {
  if (is_angle(output.unit)) {
    if (output.name == "pitch") return OutputKind::kPitch;
    if (output.name == "yaw") return OutputKind::kYaw;
    if (output.name == "roll") return OutputKind::kRoll;
  }
  if (output.unit == Unit::kImage) {
    if (is_numbered(output.name, 'x')) return OutputKind::kX;
    if (is_numbered(output.name, 'y')) return OutputKind::kY;
  }
  return OutputKind::kPlain;
}

std::ptrdiff_t count_kind(const std::vector<OutputConfig>& outputs, OutputKind kind) {
  return std::count_if(outputs.begin(), outputs.end(),
                       [&](const OutputConfig& output) { return output.kind == kind; });
}

/// x0 to x9 without y0 to y9 are no points.
void fill_in_kinds(std::vector<OutputConfig>& outputs) {
  std::vector<OutputConfig*> coordinates;
  for (OutputConfig& output : outputs) {
    if (output.kind) continue;
    output.kind = kind_by_name(output);
    if (output.unit == Unit::kImage) coordinates.push_back(&output);
  }
  if (count_kind(outputs, OutputKind::kX) == count_kind(outputs, OutputKind::kY)) return;
  for (OutputConfig* output : coordinates) output->kind = OutputKind::kPlain;
}

void check_kind(const OutputConfig& output) {
  const OutputKind kind = *output.kind;
  const bool is_coordinate = kind == OutputKind::kX || kind == OutputKind::kY;
  const bool is_plain = kind == OutputKind::kPlain;
  if (is_coordinate && output.unit != Unit::kImage) {
    fail("model.outputs: '{}' of kind {} has the unit {}; it must be image", output.name,
         enum_name(kind), enum_name(output.unit));
  }
  if (!is_coordinate && !is_plain && !is_angle(output.unit)) {
    fail("model.outputs: '{}' of kind {} has the unit {}; it must be radians or degrees",
         output.name, enum_name(kind), enum_name(output.unit));
  }
  if (output.mirror && !is_plain) {
    fail("model.outputs: '{}' of kind {} has a mirror rule; only plain outputs take one",
         output.name, enum_name(kind));
  }
}

void check_kinds(const std::vector<OutputConfig>& outputs) {
  std::map<OutputKind, std::string> of_kind;
  for (const OutputConfig& output : outputs) {
    check_kind(output);
    const auto [first, is_new] = of_kind.emplace(*output.kind, output.name);
    const bool is_pose = *output.kind == OutputKind::kPitch || *output.kind == OutputKind::kYaw ||
                         *output.kind == OutputKind::kRoll;
    if (is_pose && !is_new) {
      fail("model.outputs: '{}' and '{}' are both of kind {}; a head has one", first->second,
           output.name, enum_name(*output.kind));
    }
  }
}

std::vector<OutputConfig> resolve_outputs(const std::vector<OutputConfig>& patterns) {
  std::vector<OutputConfig> outputs;
  std::set<std::string> seen;
  for (const OutputConfig& pattern : patterns) {
    for (std::string& name : expand_braces(pattern.name)) {
      check_name(name, "model.outputs");
      if (!seen.insert(name).second) fail("model.outputs: '{}' stands twice", name);
      OutputConfig output = pattern;
      output.name = std::move(name);
      outputs.push_back(std::move(output));
    }
  }
  if (outputs.empty()) fail("model.outputs: it is empty; at least one output is needed");
  fill_in_kinds(outputs);
  check_kinds(outputs);
  return outputs;
}

void check_points(const ModelConfig& model) {
  const auto points = count_kind(model.outputs, OutputKind::kX);
  const auto others = count_kind(model.outputs, OutputKind::kY);
  if (points != others) {
    fail("model.outputs: {} of kind x and {} of kind y; points need as many of both", points,
         others);
  }
  const auto& map = model.mirror_map;
  if (map.empty()) return;
  if (static_cast<std::ptrdiff_t>(map.size()) != points) {
    fail("model.mirror_map: {} numbers for {} points; it must have one for each", map.size(),
         points);
  }
  for (std::size_t i = 0; i < map.size(); ++i) {
    const auto partner = static_cast<std::size_t>(map[i]);
    if (partner >= map.size() || static_cast<std::size_t>(map[partner]) != i) {
      fail(
          "model.mirror_map.{}: {} is not allowed; mirroring twice must give every point back, so "
          "the points must be swapped in pairs or stay",
          i, map[i]);
    }
  }
}

std::vector<HeadConfig> resolve_heads(const ModelConfig& model) {
  std::vector<HeadConfig> heads = model.heads;
  if (heads.empty()) {
    for (const OutputConfig& output : model.outputs) heads.push_back({output.name, {output.name}});
  }
  std::set<std::string> names;
  std::vector<std::string> given;
  for (HeadConfig& head : heads) {
    check_name(head.name, "model.heads.name");
    if (!names.insert(head.name).second) fail("model.heads: '{}' stands twice", head.name);
    head.outputs = expanded(head.outputs);
    if (head.outputs.empty()) fail("model.heads: '{}' has no outputs", head.name);
    given.insert(given.end(), head.outputs.begin(), head.outputs.end());
  }
  for (std::size_t i = 0; i < std::max(given.size(), model.outputs.size()); ++i) {
    const std::string wanted = i < model.outputs.size() ? model.outputs[i].name : "nothing more";
    const std::string got = i < given.size() ? given[i] : "nothing more";
    if (wanted != got) {
      fail(
          "model.heads: output {} of the heads is '{}', of model.outputs '{}'; the heads must give "
          "every output once, in the same order",
          i, got, wanted);
    }
  }
  return heads;
}

InputConfig resolve_input(InputConfig input) {
  input = with_implied_switches(std::move(input));
  if (input.size < 32 || input.size % 32 != 0) {
    fail("model.input.size: {} is not allowed; it must be a positive multiple of 32", input.size);
  }
  const int channels = input.channels();
  input.mean = one_a_channel(input.mean, channels, "mean");
  input.scale = one_a_channel(input.scale, channels, "scale");
  if (!input.feature_mean.empty()) {
    input.feature_mean = one_a_channel(input.feature_mean, channels, "feature_mean");
  }
  if (!input.feature_std.empty()) {
    input.feature_std = one_a_channel(input.feature_std, channels, "feature_std");
  }
  return input;
}

}  // namespace

std::vector<std::string> expanded(const std::vector<std::string>& patterns) {
  std::vector<std::string> names;
  for (const std::string& pattern : patterns) {
    for (std::string& name : expand_braces(pattern)) names.push_back(std::move(name));
  }
  return names;
}

ModelConfig resolve_config(ModelConfig model) {
  model.input = resolve_input(std::move(model.input));
  model.outputs = resolve_outputs(model.outputs);
  check_points(model);
  model.heads = resolve_heads(model);
  check_heads(model);
  return model;
}

}  // namespace mobireg
