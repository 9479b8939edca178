#include "mobireg/core/text.h"

#include <catch2/catch.hpp>

#include "mobireg/core/error.h"

namespace mobireg {
namespace {

using Names = std::vector<std::string>;

TEST_CASE("the nearest name is the one that a misspelling meant") {
  const Names names{"filename", "pitch", "yaw", "roll"};
  const std::string misspelling = GENERATE("ptich", "pich", "pitchh", "pixch", "PITCH", "pitch");
  CHECK(nearest_name(misspelling, names) == "pitch");
  CHECK(nearest_name(" yaw", names) == "yaw");
}

TEST_CASE("swapped letters are one mistake") {
  CHECK(nearest_name("abdc", {"abcd"}) == "abcd");
  CHECK(nearest_name("badc", {"abcd"}).empty());
}

TEST_CASE("no name is near when most letters differ") {
  CHECK(nearest_name("gaze", {"filename", "pitch", "yaw", "roll"}).empty());
  CHECK(nearest_name("x", {"y"}).empty());
  CHECK(nearest_name("", {"a"}).empty());
  CHECK(nearest_name("pitch", {}).empty());
}

TEST_CASE("the first of equally near names is chosen") {
  CHECK(nearest_name("x2", {"x0", "x1"}) == "x0");
  CHECK(nearest_name("x1", {"x0", "x1"}) == "x1");
}

TEST_CASE("quotes keep a message to one short line") {
  CHECK(in_quotes("a b") == "'a b'");
  CHECK(in_quotes("a\nb\x7f") == "'a\\x0ab\\x7f'");
  CHECK(in_quotes(std::string(60, 'x')) == "'" + std::string(60, 'x') + "'");
  CHECK(in_quotes("pitch", 2) == "'pi...'");
  CHECK(in_quotes(std::string(61, 'x')) == "'" + std::string(60, 'x') + "...'");
}

TEST_CASE("braces expand as in bash") {
  const auto [pattern, expected] = GENERATE(table<std::string, Names>({
      {"pitch", {"pitch"}},
      {"", {""}},
      {"x{0..3}", {"x0", "x1", "x2", "x3"}},
      {"{a,b}_{0..1}", {"a_0", "a_1", "b_0", "b_1"}},
      {"{x,y}", {"x", "y"}},
      {"p{,q}r", {"pr", "pqr"}},
      {"{a{0..1},b}!", {"a0!", "a1!", "b!"}},
      {"{{a,b},c}", {"a", "b", "c"}},
      {"{3..1}", {"3", "2", "1"}},
      {"{-1..1}", {"-1", "0", "1"}},
      {"{5..5}", {"5"}},
      {"{0..10..5}", {"0", "5", "10"}},
      {"{10..0..-4}", {"10", "6", "2"}},
      {"{08..10}", {"08", "09", "10"}},
      {"{-01..1}", {"-01", "000", "001"}},
      {"{9223372036854775806..9223372036854775807}",
       {"9223372036854775806", "9223372036854775807"}},
  }));
  CHECK(expand_braces(pattern) == expected);
}

TEST_CASE("136 landmark coordinates are one pattern") {
  const Names names = expand_braces("{x,y}{0..67}");
  REQUIRE(names.size() == 136);
  CHECK(names.front() == "x0");
  CHECK(names[68] == "y0");
  CHECK(names.back() == "y67");
}

TEST_CASE("braces that mean nothing are refused") {
  const auto [pattern, message] = GENERATE(table<std::string, std::string>({
      {"x{0..3", "unbalanced brace in 'x{0..3'"},
      {"x0..3}", "unbalanced brace in 'x0..3}'"},
      {"{a,{b}", "unbalanced brace in '{a,{b}'"},
      {"a}{b", "unbalanced brace in 'a}{b'"},
      {"x{}", "'' in braces is neither a list 'a,b' nor a range '0..9'"},
      {"x{0-67}", "'0-67' in braces is neither a list 'a,b' nor a range '0..9'"},
      {"x{0..}", "'0..' in braces is neither a list 'a,b' nor a range '0..9'"},
      {"x{a..c}", "'a..c' in braces is neither a list 'a,b' nor a range '0..9'"},
      {"x{0..4..0}", "'0..4..0' in braces is neither a list 'a,b' nor a range '0..9'"},
      {"{0..100000}", "'0..100000' expands to more than 100000 names"},
      {"{-9223372036854775807..9223372036854775807}",
       "'-9223372036854775807..9223372036854775807' expands to more than 100000 names"},
      {"{0..999}{0..999}", "'{0..999}{0..999}' expands to more than 100000 names"},
  }));
  CHECK_THROWS_MATCHES(expand_braces(pattern), Error, Catch::Message(message));
}

}  // namespace
}  // namespace mobireg
