// What is drawn over an image, and the text of a page.

#include "page/picture.h"

#include <cmath>
#include <limits>
#include <opencv2/imgcodecs.hpp>

#include "page/html_text.h"

namespace mobireg {
namespace {

const std::vector<OutputConfig> kPose{{"pitch", Unit::kDegrees, OutputKind::kPitch},
                                      {"yaw", Unit::kDegrees, OutputKind::kYaw},
                                      {"roll", Unit::kDegrees, OutputKind::kRoll}};
const std::vector<OutputConfig> kPoints{{"x0", Unit::kImage, OutputKind::kX},
                                        {"y0", Unit::kImage, OutputKind::kY},
                                        {"x1", Unit::kImage, OutputKind::kX},
                                        {"y1", Unit::kImage, OutputKind::kY}};

LabelledImage picture(std::vector<float> targets, int channels = 3) {
  Image image{32, 32, channels, std::vector<std::uint8_t>(32U * 32U * std::size_t(channels), 90)};
  return {image, std::move(targets)};
}

std::vector<std::uint8_t> from_base64(const std::string& text) {
  const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::vector<std::uint8_t> bytes;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text.substr(0, text.find('='))) {
    bits = bits << 6 | static_cast<std::uint32_t>(digits.find(c));
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes.push_back(static_cast<std::uint8_t>(bits >> count));
  }
  return bytes;
}

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t found = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
  return found;
}

TEST_CASE("axes are drawn from the middle of the image, the nearest last") {
  const std::string svg = picture_svg(picture({0, 90, 0}), kPose, "face");
  CHECK(svg.find("class=\"az\" d=\"M50.0 50.0l-36.0 0.0\"") != std::string::npos);
  CHECK(svg.find("class=\"ay\" d=\"M50.0 50.0l0.0 -36.0\"") != std::string::npos);
  CHECK(svg.find("class=\"ax\"") > svg.find("class=\"ay\""));  // its tip points at us
}

TEST_CASE("no axes are drawn where an angle is missing, or there is none") {
  const float missing = std::numeric_limits<float>::quiet_NaN();
  CHECK(picture_svg(picture({0, missing, 0}), kPose, "").find("class=\"a") == std::string::npos);
  const std::vector<OutputConfig> age{{"age", Unit::kNone, OutputKind::kPlain}};
  CHECK(picture_svg(picture({30}), age, "").find("class=\"a") == std::string::npos);
}

TEST_CASE("a pose in radians is the pose in degrees") {
  std::vector<OutputConfig> radians = kPose;
  for (OutputConfig& output : radians) output.unit = Unit::kRadians;
  const float degree = std::acos(-1.0F) / 180;
  CHECK(picture_svg(picture({30 * degree, 0, -20 * degree}), radians, "") ==
        picture_svg(picture({30, 0, -20}), kPose, ""));
}

TEST_CASE("points are drawn where their coordinates lie, each in its colour") {
  const std::string svg = picture_svg(picture({0.25F, 0.5F, 1.1F, -0.05F}), kPoints, "");
  CHECK(svg.find("stroke=\"" + point_colour(0, 2) + "\" d=\"M25.0 50.0h0\"") != std::string::npos);
  CHECK(svg.find("stroke=\"" + point_colour(1, 2) + "\" d=\"M110.0 -5.0h0\"") != std::string::npos);
  CHECK(point_colour(0, 2) != point_colour(1, 2));
}

TEST_CASE("a point that is missing is left out") {
  const float missing = std::numeric_limits<float>::quiet_NaN();
  const std::string svg = picture_svg(picture({missing, 0.5F, 0.5F, 0.5F}), kPoints, "");
  CHECK(count(svg, "class=\"dot\"") == 1);
  CHECK(svg.find("nan") == std::string::npos);
}

TEST_CASE("a comparison draws the true axes dashed under the predicted ones") {
  const std::string svg = compared_svg(picture({0, 90, 0}), {0, -90, 0}, kPose, "");
  const auto truth = svg.find("class=\"az truth\" d=\"M50.0 50.0l-36.0 0.0\"");
  const auto predicted = svg.find("class=\"az\" d=\"M50.0 50.0l36.0 0.0\"");
  CHECK(truth != std::string::npos);
  CHECK(predicted != std::string::npos);
  CHECK(truth < predicted);
}

TEST_CASE("a comparison leads from each true point to the predicted one") {
  const float missing = std::numeric_limits<float>::quiet_NaN();
  const std::string svg =
      compared_svg(picture({0.25F, 0.5F, missing, 0.5F}), {0.5F, 0.75F, 0.1F, 0.1F}, kPoints, "");
  CHECK(svg.find("class=\"shift\" d=\"M25.0 50.0L50.0 75.0\"") != std::string::npos);
  CHECK(svg.find("class=\"dot truth\" d=\"M25.0 50.0h0\"") != std::string::npos);
  CHECK(svg.find("nan") == std::string::npos);
  CHECK(count(svg, "class=\"dot\"") == 2);
}

TEST_CASE("a comparison without a label draws the prediction alone") {
  const float missing = std::numeric_limits<float>::quiet_NaN();
  const std::string svg = compared_svg(picture({0, missing, 0}), {0, 0, 0}, kPose, "");
  CHECK(svg.find(" truth\"") == std::string::npos);
  CHECK(svg.find("class=\"az\"") != std::string::npos);
}

TEST_CASE("the image is shown in its own colours, and stays as it is") {
  LabelledImage red = picture({0, 0, 0});
  for (std::size_t i = 0; i < red.image.pixels.size(); ++i) {
    red.image.pixels[i] = i % 3 == 0 ? 250 : 20;
  }
  const std::vector<std::uint8_t> pixels = red.image.pixels;
  const std::string svg = picture_svg(red, kPose, "");
  CHECK(red.image.pixels == pixels);
  const std::string begin = "href=\"data:image/jpeg;base64,";
  const std::size_t at = svg.find(begin) + begin.size();
  const cv::Mat3b shown =
      cv::imdecode(from_base64(svg.substr(at, svg.find('"', at) - at)), cv::IMREAD_COLOR);
  CHECK(shown(16, 16)[2] > 240);  // BGR
  CHECK(shown(16, 16)[0] < 30);
}

TEST_CASE("grey images are shown as well") {
  CHECK(picture_svg(picture({0, 0, 0}, 1), kPose, "").find("data:image/jpeg;base64,/9j/") !=
        std::string::npos);
}

TEST_CASE("labels are written in degrees, coordinates are not, and at most four") {
  CHECK(labels_html(picture({-0.2F, 12.6F, -90}), kPose) ==
        "<span>pitch\u00a00\u00b0</span> <span>yaw\u00a013\u00b0</span> "
        "<span>roll\u00a0-90\u00b0</span>");
  CHECK(labels_html(picture({0, 0, 0, 0}), kPoints).empty());
  const std::vector<OutputConfig> many(6, {"a", Unit::kNone, OutputKind::kPlain});
  CHECK(count(labels_html(picture({1, 2, 3, 4, 5, 6}), many), "<span>") == 4);
}

TEST_CASE("text is escaped for elements and attributes") {
  const auto [text, escaped] = GENERATE(table<std::string, std::string>({
      {"a<b>&\"c'", "a&lt;b&gt;&amp;&quot;c&#39;"},
      {"Zo\u00eb \u5c71 \U0001F600", "Zo\u00eb \u5c71 \U0001F600"},
      {"\xff"
       "a",
       "\uFFFD"
       "a"},
      {"\xc3", "\uFFFD"},                      // cut short
      {"\xc0\xaf", "\uFFFD\uFFFD"},            // overlong
      {"\xed\xa0\x80", "\uFFFD\uFFFD\uFFFD"},  // half of a surrogate pair
      {std::string("a\0b\x1b", 4),
       "a\uFFFD"
       "b\uFFFD"},
      {"a\tb\n", "a\tb\n"},
  }));
  CHECK(escape_html(text) == escaped);
}

TEST_CASE("base64 is RFC 4648's") {
  const auto [text, expected] = GENERATE(table<std::string, std::string>(
      {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foobar", "Zm9vYmFy"}}));
  CHECK(base64(text.data(), text.size()) == expected);
}

TEST_CASE("numbers are short") {
  const auto [number, text] = GENERATE(table<double, std::string>({{0, "0"},
                                                                   {-0.0001, "-0.0001"},
                                                                   {0.5, "0.5"},
                                                                   {1.0, "1"},
                                                                   {-12.34, "-12.3"},
                                                                   {1234.5, "1234"},
                                                                   {2e7, "2e+07"},
                                                                   {std::nan(""), "\u2013"}}));
  CHECK(short_number(number) == text);
}

TEST_CASE("counts have commas and their plural") {
  CHECK(with_commas(999) == "999");
  CHECK(with_commas(1234567) == "1,234,567");
  CHECK(with_commas(-1000) == "-1,000");
  CHECK(with_commas(-100) == "-100");
  CHECK(counted(1, "row") == "1 row");
  CHECK(counted(2000, "row") == "2,000 rows");
}

}  // namespace
}  // namespace mobireg
