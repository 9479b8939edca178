#include "deploy/onnx_angles.h"

#include <onnx/onnx_pb.h>

namespace mobireg {
namespace {

constexpr float kPi = 3.14159265358979F;

using Rows = std::vector<std::vector<float>>;

Rows diagonal(float value) { return {{value, 0, 0}, {0, value, 0}, {0, 0, value}}; }

/// One head's nodes; each function adds some and returns the name of what they give.
class AngleNodes {
 public:
  AngleNodes(OnnxBuilder& builder, const AddDense& add_dense, const std::string& head)
      : builder_(builder), add_dense_(add_dense), prefix_(head + "_angles_") {}

  std::string write(const std::string& x, const std::array<float, 9>& to_outputs);

 private:
  std::string node(const char* op, const char* name, const std::vector<std::string>& inputs) {
    onnx::NodeProto& added = builder_.node(op, prefix_ + name, inputs);
    if (added.op_type() == "Concat") set_attribute(added, "axis", 1);
    return added.name();
  }

  std::string linear(const char* name, const std::string& x, const Rows& rows, float bias = 0) {
    DenseLayer layer;
    layer.name = prefix_ + name;
    layer.inputs = static_cast<int>(rows[0].size());
    layer.outputs = static_cast<int>(rows.size());
    for (const auto& row : rows) layer.weight.insert(layer.weight.end(), row.begin(), row.end());
    layer.bias.assign(rows.size(), bias);
    return add_dense_(x, layer);
  }

  /// 1, or -1 where x + offset is negative.
  std::string sign(const std::string& name, const std::string& x, float offset) {
    const std::string of_x = node("Sign", (name + "_sign").c_str(), {x});
    const std::string moved = linear((name + "_moved").c_str(), of_x, diagonal(1), offset);
    return node("Sign", name.c_str(), {moved});
  }

  std::string cross_product(const std::string& x);
  std::string atan2(const std::string& y, const std::string& x, const std::string& sign_of_y);

  OnnxBuilder& builder_;
  const AddDense& add_dense_;
  std::string prefix_;
};

/// Of the two columns a and b: along the third column of the rotation.
std::string AngleNodes::cross_product(const std::string& x) {
  const std::string left = linear("left", x,
                                  {{0, 1, 0, 0, 0, 0},
                                   {0, 0, 1, 0, 0, 0},
                                   {0, 0, 1, 0, 0, 0},
                                   {1, 0, 0, 0, 0, 0},
                                   {1, 0, 0, 0, 0, 0},
                                   {0, 1, 0, 0, 0, 0}});
  const std::string right = linear("right", x,
                                   {{0, 0, 0, 0, 0, 1},
                                    {0, 0, 0, 0, 1, 0},
                                    {0, 0, 0, 1, 0, 0},
                                    {0, 0, 0, 0, 0, 1},
                                    {0, 0, 0, 0, 1, 0},
                                    {0, 0, 0, 1, 0, 0}});
  return linear("normal", node("Mul", "products", {left, right}),
                {{1, -1, 0, 0, 0, 0}, {0, 0, 1, -1, 0, 0}, {0, 0, 0, 0, 1, -1}});
}

/// 2 atan(y / (|(x, y)| + |x|)), taken from half a turn where x is negative.
std::string AngleNodes::atan2(const std::string& y, const std::string& x,
                              const std::string& sign_of_y) {
  const std::string squares =
      node("Add", "squares", {node("Mul", "x_square", {x, x}), node("Mul", "y_square", {y, y})});
  const std::string length =
      node("Sqrt", "length", {linear("above_zero", squares, diagonal(1), 1e-30F)});
  const std::string size = node("Abs", "x_size", {x});
  const std::string tangent =
      node("Div", "tangent", {y, node("Add", "denominator", {length, size})});
  const std::string half = node("Atan", "half", {tangent});
  const std::string sign_of_x = sign("x_sign", x, 0.5F);
  const std::string parts = node("Concat", "parts",
                                 {node("Mul", "signed_half", {half, sign_of_x}), sign_of_y,
                                  node("Mul", "signs", {sign_of_y, sign_of_x})});
  Rows rows(3, std::vector<float>(9, 0));
  for (std::size_t i = 0; i < 3; ++i) {
    rows[i][i] = 2;
    rows[i][3 + i] = kPi / 2;
    rows[i][6 + i] = -kPi / 2;
  }
  return linear("radians", parts, rows);
}

std::string AngleNodes::write(const std::string& x, const std::array<float, 9>& to_outputs) {
  const std::string normal = cross_product(x);
  const std::string lengths =
      node("Sqrt", "lengths",
           {linear("length_squares", node("Mul", "normal_squares", {normal, normal}),
                   {{1, 1, 1}, {0, 1, 1}})});
  const std::string known = node("Concat", "normal_lengths", {normal, lengths});
  const std::string factors =
      linear("factors", known, {{0, 1, 0, 0, 0}, {0, 0, 1, 0, 0}, {0, 0, 0, 1, 0}});
  const std::string a =
      linear("a", x, {{0, 0, 1, 0, 0, 0}, {0, 1, 0, 0, 0, 0}, {1, 0, 0, 0, 0, 0}});
  const std::string all =
      node("Concat", "sides", {known, node("Mul", "roll_products", {factors, a})});
  const std::string sines =
      linear("sines", all,
             {{0, 1, 0, 0, 0, 0, 0, 0}, {-1, 0, 0, 0, 0, 0, 0, 0}, {0, 0, 0, 0, 0, 1, -1, 0}});
  const std::string cosines =
      linear("cosines", all,
             {{0, 0, 1, 0, 0, 0, 0, 0}, {0, 0, 0, 0, 1, 0, 0, 0}, {0, 0, 0, 0, 0, 0, 0, 1}});
  const std::string signs = sign("sines_sign", sines, 0.5F);
  const std::string angles = atan2(sines, cosines, signs);

  // Upside down: their sizes add up to more than 3 pi / 2.
  const std::string beyond =
      linear("beyond", node("Abs", "sizes", {angles}), Rows(3, {1, 1, 1}), -1.5F * kPi);
  const std::string turns =
      linear("turns", sign("upside_down", beyond, -0.5F), diagonal(0.5F), 0.5F);
  const std::string turned =
      linear("turned", node("Concat", "signs_angles", {signs, angles}),
             {{-kPi, 0, 0, 0, 0, 0}, {0, kPi, 0, 0, -2, 0}, {0, 0, -kPi, 0, 0, 0}});
  const std::string upright =
      node("Concat", "upright", {angles, node("Mul", "correction", {turns, turned})});
  Rows rows;
  for (std::size_t i = 0; i < 3; ++i) {
    const auto row = to_outputs.begin() + static_cast<std::ptrdiff_t>(3 * i);
    rows.emplace_back(row, row + 3);
    rows.back().insert(rows.back().end(), row, row + 3);
  }
  return linear("outputs", upright, rows);
}

}  // namespace

std::string add_angles(OnnxBuilder& builder, const AddDense& add_dense, const std::string& x,
                       const std::string& head, const std::array<float, 9>& to_outputs) {
  return AngleNodes(builder, add_dense, head).write(x, to_outputs);
}

}  // namespace mobireg
