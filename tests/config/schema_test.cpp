#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "config/config_file.h"
#include "config/config_text.h"
#include "config/json_schema.h"
#include "mobireg/core/error.h"
#include "mobireg/core/file.h"

namespace mobireg {
namespace {

using nlohmann::json;

json schema() { return json::parse(config_schema()); }

/// Whether a config of this one field can be read; the rules between fields apart.
bool reader_takes(const json& config) {
  RunConfig result;
  try {
    read_struct(config, JsonSource{"run.json", {}}, result);
    return true;
  } catch (const Error&) {
    return false;
  }
}

/// Numbers at the bounds that a schema names and beside them.
void add_probes(const json& schema, std::vector<json>& probes) {
  for (const char* bound : {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}) {
    if (!schema.contains(bound)) continue;
    const auto at = schema[bound].get<double>();
    if (at > 1e15) continue;  // beyond what doubles count
    for (const double value : {at - 1, at, at + 1}) {
      for (const json& number : {json(value), json(std::llround(value))}) {
        probes.push_back(number);
        probes.push_back(json::array({number, number}));
      }
    }
  }
}

std::vector<json> probes_of(const json& schema) {
  std::vector<json> probes = {nullptr,
                              true,
                              "text",
                              0,
                              1,
                              2,
                              -1,
                              0.5,
                              1e12,
                              -1e12,
                              "none",
                              json::array(),
                              json::array({0.5, 0.75}),
                              json::array({1, 1, 1}),
                              json::array({"a"})};
  add_probes(schema, probes);
  if (schema.contains("items")) add_probes(schema["items"], probes);
  for (const json& name : schema.value("enum", json::array())) probes.push_back(name);
  for (const json& one : schema.value("anyOf", json::array())) {
    for (const json& probe : probes_of(one)) probes.push_back(probe);
  }
  return probes;
}

struct Walk {
  std::size_t accepted = 0;
  std::size_t refused = 0;
  std::set<std::string> objects;

  /// `wrap` puts a value where `schema` stands in the config.
  void compare(const json& schema, const std::string& path,
               const std::function<json(const json&)>& wrap) {
    if (schema.contains("properties")) {
      objects.insert(path);
      CHECK(schema["additionalProperties"] == false);
      for (const auto& [name, property] : schema["properties"].items()) {
        if (name == "$schema") continue;
        compare(property, path + "." + name, [&, key = name](const json& value) {
          return wrap(json::object({{key, value}}));
        });
      }
      return;
    }
    if (schema.contains("items") && schema["items"].contains("properties")) {
      compare(schema["items"], path + "[]",
              [&](const json& value) { return wrap(json::array({value})); });
    }
    for (const json& probe : probes_of(schema)) {
      INFO(path << " " << probe);
      const bool taken = accepts(schema, probe);
      CHECK(taken == reader_takes(wrap(probe)));
      ++(taken ? accepted : refused);
    }
  }
};

TEST_CASE("the schema takes the values of each field that the reader takes, and no others") {
  Walk walk;
  walk.compare(schema(), "", [](const json& value) { return value; });
  CHECK(walk.accepted > 500);
  CHECK(walk.refused > 500);
  CHECK(walk.objects.count(".augmentation.steps[].one_of[]") == 1);
}

/// The value of every field as the schema has it.
json defaults(const json& schema) {
  json value = json::object();
  for (const auto& [name, property] : schema["properties"].items()) {
    if (property.contains("properties")) value[name] = defaults(property);
    if (property.contains("default")) value[name] = property["default"];
  }
  return value;
}

TEST_CASE("the schema's defaults are the config's, and it takes them") {
  const json config = defaults(schema());
  CHECK(config == json::parse(config_text(RunConfig{})));
  CHECK(accepts(schema(), config));
}

TEST_CASE("every field of the schema says what it means") {
  for (const std::string& name : config_field_names()) {
    json field = schema();
    std::string rest = name + ".";
    for (std::size_t dot = rest.find('.'); dot != std::string::npos; dot = rest.find('.')) {
      field = field["properties"][rest.substr(0, dot)];
      rest = rest.substr(dot + 1);
    }
    INFO(name);
    CHECK(field.value("description", "").size() > 4);
  }
}

TEST_CASE("an unknown field is refused by the schema at every depth") {
  const std::string config = GENERATE(
      R"({"sede": 1})", R"({"model": {"alfa": 1}})", R"({"model": {"heads": [{"hiden": 1}]}})",
      R"({"data": {"test": {"part": 1}}})", R"({"model": {"$schema": "schema.json"}})");
  CHECK_FALSE(accepts(schema(), json::parse(config)));
}

TEST_CASE("every config that comes with mobireg names the schema and is valid by it") {
  std::size_t found = 0;
  for (const auto& entry : std::filesystem::directory_iterator(MOBIREG_SOURCE_DIR "/configs")) {
    if (entry.path().extension() != ".json" || entry.path().stem() == "schema") continue;
    INFO(entry.path());
    const json config = json::parse(read_file(entry.path()), nullptr, true, true);
    CHECK(config.value("$schema", "") == "schema.json");
    CHECK(accepts(schema(), config));
    ++found;
  }
  CHECK(found >= 3);
}

TEST_CASE("a config may name its schema at the top, and only in a file") {
  const ConfigFile file(R"({"$schema": "schema.json", "data": {"csv": "labels.csv"}})");
  CHECK(to_json(file.load()).find("$schema") == std::string::npos);
  CHECK_THROWS_WITH(config_with(R"({"model": {"$schema": "schema.json"}})"),
                    Catch::StartsWith("run.json: model.$schema: no such field; known here: input"));
  CHECK_THROWS_WITH(
      file.load({"$schema=a"}),
      Catch::StartsWith("--set $schema=a: $schema: no such field; known here: run_dir"));
}

TEST_CASE("the names of fields are those that --set takes") {
  const auto names = config_field_names();
  for (const std::string& name : names) {
    INFO(name);
    CHECK_THROWS_WITH(ConfigFile().load({name + "={\"x\": {\"y\": 1}}"}),
                      !Catch::Contains("no such field"));
  }
  CHECK(std::count(names.begin(), names.end(), "training.optimizer.learning_rate") == 1);
  CHECK(std::count(names.begin(), names.end(), "data.validation.fraction") == 1);
  CHECK(std::count(names.begin(), names.end(), "model.heads") == 1);
}

TEST_CASE("configs/schema.json is what the field list says") {
  INFO("made by: mobireg-train --schema > configs/schema.json");
  const bool equal = read_file(MOBIREG_SOURCE_DIR "/configs/schema.json") == config_schema();
  CHECK(equal);
}

}  // namespace
}  // namespace mobireg
