"""The files of deploy_files.py run in a runtime that users have, to mobireg's own numbers.

    python deploy_test.py FOLDER onnx|onnxruntime|openvino|opencv|mnn|ncnn|pnnx
"""

import json
import sys
from pathlib import Path

import deploy_runtimes
import network
import numpy as np
from deploy_files import FILES, SIZE

TOLERANCE = 1e-5  # of float32, times 1 + |y|; the runtimes add in other orders
HALF_DEGREES = 0.05  # of half precision, in the mean
FORBIDDEN = {"Pad", "Reshape", "Squeeze", "GlobalAveragePool"}
CARD = "mobireg_model_card"


class Case:
    """The inputs and what mobireg makes of them."""

    def __init__(self, folder):
        self.folder = folder
        self.pixels = np.load(folder / "pixels.npy")
        self.expected = np.load(folder / "expected.npy")

    def path(self, name):
        return self.folder / FILES[name][1]

    def inputs(self, name):
        if not name.endswith("_outside"):
            return self.pixels
        source = self.card(name)["input"]
        mean, scale = (np.float32(source[key]).reshape(-1, 1, 1) for key in ("mean", "scale"))
        return (self.pixels - mean) / scale

    def card(self, name):
        path = self.path(name)
        if path.suffix == ".param":
            return json.loads(path.with_suffix(".json").read_text())
        import onnx

        return json.loads({p.key: p.value for p in onnx.load(path).metadata_props}[CARD])

    def check(self, name, model):
        """Float32, every output of every image."""
        actual = model(self.inputs(name))
        assert actual.shape == self.expected.shape, (name, actual.shape)
        difference = np.abs(actual - self.expected)
        print(f"{name}: outputs differ from mobireg's by at most {difference.max():.1e} radians")
        assert (difference <= TOLERANCE * (1 + np.abs(self.expected))).all(), name

    def check_half(self, name, model):
        degrees = np.degrees(np.abs(model(self.inputs(name)) - self.expected))
        print(f"{name}: outputs differ from mobireg's by {degrees.mean():.4f} degrees in the mean, "
              f"at most {degrees.max():.4f}")
        assert degrees.mean() <= HALF_DEGREES, name


def names_of(file_format):
    return [name for name, (of, _, _) in FILES.items() if of == file_format]


def check_shapes(name, model):
    """Every value has a shape, and input and output those that the option says."""
    import onnx

    inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True)
    known = {value.name for value in [*inferred.graph.value_info, *inferred.graph.output]}
    made = {output for node in inferred.graph.node for output in node.output}
    assert made <= known, made - known
    shape = lambda value: [dim.dim_value for dim in value.type.tensor_type.shape.dim]
    batch = 0 if name == "onnx_dynamic" else 1  # 0: a name stands there
    assert shape(inferred.graph.input[0]) == [batch, 3, SIZE, SIZE], name
    assert shape(inferred.graph.output[0]) == [batch, len(network.OUTPUTS)], name


def check_onnx(case):
    import onnx

    for name in names_of("onnx"):
        model = onnx.load(case.path(name))
        onnx.checker.check_model(model, full_check=True)
        check_shapes(name, model)
        operators = {node.op_type for node in model.graph.node}
        assert not operators & FORBIDDEN, (name, operators)
        if name == "onnx_convolutions":
            assert not operators & {"Gemm", "MatMul"}, operators
        outside = name == "onnx_outside"
        assert bool(operators & {"Sub", "Mul", "Div"}) != outside, (name, operators)
        source = "normalized_pixels" if outside else "pixels"
        assert [value.name for value in model.graph.input] == [source], name
        assert [value.name for value in model.graph.output] == ["outputs"], name
        card = case.card(name)
        assert card["normalization"] == ("outside" if outside else "inside"), card
        assert [output["name"] for output in card["outputs"]] == network.OUTPUTS, card
        print(f"{name}: {', '.join(sorted(operators))}")


def check_onnxruntime(case):
    for name in names_of("onnx"):
        case.check(name, deploy_runtimes.open_onnxruntime(case.path(name)))


def check_openvino(case):
    for name in names_of("onnx"):
        case.check(name, deploy_runtimes.open_openvino(case.path(name)))


def check_opencv(case):
    for name in names_of("onnx"):
        case.check(name, deploy_runtimes.open_opencv(case.path(name)))


def check_mnn(case):
    for name in names_of("onnx"):
        case.check(name, deploy_runtimes.open_mnn(case.path(name)))


def check_ncnn(case):
    for name in ("ncnn", "ncnn_outside"):
        case.check(name, deploy_runtimes.open_ncnn(case.path(name)))
    for name in names_of("ncnn"):
        case.check_half(name, deploy_runtimes.open_ncnn(case.path(name), half_precision=True))
    sizes = [case.path(name).with_suffix(".bin").stat().st_size for name in ("ncnn", "ncnn_half")]
    assert sizes[1] < 0.52 * sizes[0], sizes


def check_pnnx(case):
    converted = deploy_runtimes.convert_by_pnnx(case.path("torchscript"))
    case.check("torchscript", deploy_runtimes.open_ncnn(converted, result="out0"))


def main():
    folder, runtime = Path(sys.argv[1]), sys.argv[2]
    globals()[f"check_{runtime}"](Case(folder))


if __name__ == "__main__":
    main()
