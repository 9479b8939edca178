"""The files of deploy_files.py run in a runtime that users have, to mobireg's own numbers.

    python deploy_test.py FOLDER onnx|onnxruntime|openvino|opencv|mnn|ncnn|pnnx
"""

import json
import sys
from pathlib import Path

import deploy_runtimes
import network
import numpy as np
from deploy_files import FILES, ODD_ALPHA, SIZE, skip_without_files

TOLERANCE = 1e-5  # of float32, times 1 + |y|; the runtimes add in other orders
HALF_DEGREES = 0.05  # of half precision, in the mean
# Of what int8 changes, between two that compute the same whole numbers: where their floats differ in
# the last bit, a value may be rounded to the other side.
INT8_SHARE = 0.25
NCNN_INT8_SHARE = 0.75  # its depthwise layers' scales are off by up to 1e-4
INT8_LOSS = 0.6  # of the outputs' spread, which the weights from the hash leave small
FORBIDDEN = {"Pad", "Reshape", "Squeeze", "GlobalAveragePool"}
CARD = "mobireg_model_card"


class Case:
    """The inputs and what mobireg makes of them."""

    def __init__(self, folder):
        self.folder = folder
        self.pixels = np.load(folder / "pixels.npy")

    def path(self, name):
        return self.folder / FILES[name].name

    def inputs(self, name):
        if not name.endswith("_outside"):
            return self.pixels
        source = self.card(name)["input"]
        mean, scale = (np.float32(source[key]).reshape(-1, 1, 1) for key in ("mean", "scale"))
        return (self.pixels - mean) / scale

    def expected(self, name):
        """Of the checkpoint."""
        odd = FILES[name].alpha == ODD_ALPHA
        return np.load(self.folder / ("expected_odd.npy" if odd else "expected.npy"))

    def card(self, name):
        path = self.path(name)
        if path.suffix == ".param":
            return json.loads(path.with_suffix(".json").read_text())
        import onnx

        return json.loads({p.key: p.value for p in onnx.load(path).metadata_props}[CARD])

    def check(self, name, model):
        """Float32, every output of every image."""
        actual, expected = model(self.inputs(name)), self.expected(name)
        assert actual.shape == expected.shape, (name, actual.shape)
        difference = np.abs(actual - expected)
        print(f"{name}: outputs differ from mobireg's by at most {difference.max():.1e} radians")
        assert (difference <= TOLERANCE * (1 + np.abs(expected))).all(), name

    def check_half(self, name, model):
        degrees = np.degrees(np.abs(model(self.inputs(name)) - self.expected(name)))
        print(f"{name}: outputs differ from mobireg's by {degrees.mean():.4f} degrees in the mean, "
              f"at most {degrees.max():.4f}")
        assert degrees.mean() <= HALF_DEGREES, name

    def check_int8(self, name, model, share):
        """Against what mobireg's own engine makes of the same file, and against the checkpoint."""
        actual, exact = model(self.inputs(name)), self.expected(name)
        engine = np.load(self.folder / f"{name}.npy")
        degrees = lambda a, b: np.degrees(np.abs(a - b)).mean()
        off, lost, by_engine = degrees(actual, engine), degrees(actual, exact), degrees(engine, exact)
        spread = np.degrees(exact.std(0)).mean()
        print(f"{name}: outputs differ from mobireg's int8 by {off:.3f} degrees in the mean, from "
              f"float32 by {lost:.3f} (mobireg's by {by_engine:.3f}; they spread by {spread:.2f})")
        assert 0 < by_engine <= INT8_LOSS * spread, name
        assert off <= share * by_engine, name
        assert lost <= 1.25 * by_engine, name


def names_of(suffix, int8=False):
    return [name for name, file in FILES.items()
            if file.name.endswith(suffix) and file.int8 == int8]


def check_shapes(name, model):
    """Every value has a shape, and input and output those that the option says."""
    import onnx

    inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True)
    known = {value.name for value in [*inferred.graph.value_info, *inferred.graph.output]}
    made = {output for node in inferred.graph.node for output in node.output}
    assert made <= known, made - known
    shape = lambda value: [dim.dim_value for dim in value.type.tensor_type.shape.dim]
    batch = 0 if "--dynamic-batch" in FILES[name].options else 1  # 0: a name stands there
    assert shape(inferred.graph.input[0]) == [batch, 3, SIZE, SIZE], name
    assert shape(inferred.graph.output[0]) == [batch, len(network.OUTPUTS)], name


def float_layers(model):
    """The convolutions and Dense layers whose weights are no whole numbers."""
    rounded = {node.output[0] for node in model.graph.node if node.op_type == "DequantizeLinear"}
    return {node.name for node in model.graph.node
            if node.op_type in ("Conv", "Gemm") and node.input[1] not in rounded}


def check_layers(name, model):
    everything = {node.name for node in model.graph.node if node.op_type in ("Conv", "Gemm")}
    last = {f"{output}_output" for output in network.OUTPUTS}
    expected = {"conv1", *last} if FILES[name].int8 else everything
    assert float_layers(model) == expected, (name, float_layers(model))
    versions = [of.version for of in model.opset_import]
    assert versions == [13 if FILES[name].int8 else 10], (name, versions)


def check_onnx(case):
    import onnx

    for name in names_of(".onnx") + names_of(".onnx", int8=True):
        model = onnx.load(case.path(name))
        onnx.checker.check_model(model, full_check=True)
        check_shapes(name, model)
        check_layers(name, model)
        operators = {node.op_type for node in model.graph.node}
        assert not operators & FORBIDDEN, (name, operators)
        if "--dense-as-convolution" in FILES[name].options:
            assert not operators & {"Gemm", "MatMul"}, operators
        outside = name == "onnx_outside"
        assert bool(operators & {"Sub", "Mul", "Div"}) != outside, (name, operators)
        source = "normalized_pixels" if outside else "pixels"
        assert [value.name for value in model.graph.input] == [source], name
        assert [value.name for value in model.graph.output] == ["outputs"], name
        card = case.card(name)
        assert card["normalization"] == ("outside" if outside else "inside"), card
        assert card["precision"] == ("int8" if FILES[name].int8 else "float32"), card
        assert [output["name"] for output in card["outputs"]] == network.OUTPUTS, card
        print(f"{name}: {', '.join(sorted(operators))}")


def check_onnxruntime(case):
    for name in names_of(".onnx"):
        case.check(name, deploy_runtimes.open_onnxruntime(case.path(name)))
    for name in names_of(".onnx", int8=True):
        case.check_int8(name, deploy_runtimes.open_onnxruntime(case.path(name)), INT8_SHARE)


def check_openvino(case):
    for name in names_of(".onnx"):
        case.check(name, deploy_runtimes.open_openvino(case.path(name)))
    for name in names_of(".onnx", int8=True):
        case.check_int8(name, deploy_runtimes.open_openvino(case.path(name)), INT8_SHARE)


def check_opencv(case):
    for name in names_of(".onnx"):
        case.check(name, deploy_runtimes.open_opencv(case.path(name)))
    for name in names_of(".onnx", int8=True):  # OpenCV 5; 4.6 refuses them
        case.check_int8(name, deploy_runtimes.open_opencv(case.path(name)), INT8_SHARE)


def check_mnn(case):
    """Not int8: MNN's converter crashes on QuantizeLinear (3.6.1)."""
    for name in names_of(".onnx"):
        case.check(name, deploy_runtimes.open_mnn(case.path(name)))


def check_ncnn(case):
    for name in names_of(".param"):
        if name != "ncnn_half":
            case.check(name, deploy_runtimes.open_ncnn(case.path(name)))
        case.check_half(name, deploy_runtimes.open_ncnn(case.path(name), half_precision=True))
    for name in names_of(".param", int8=True):
        case.check_int8(name, deploy_runtimes.open_ncnn(case.path(name)), NCNN_INT8_SHARE)
    size = lambda name: case.path(name).with_suffix(".bin").stat().st_size
    assert size("ncnn_half") < 0.52 * size("ncnn"), (size("ncnn_half"), size("ncnn"))
    assert 3 * size("ncnn_int8") < size("ncnn"), (size("ncnn_int8"), size("ncnn"))


def check_pnnx(case):
    for name in names_of(".pt"):
        converted = deploy_runtimes.convert_by_pnnx(case.path(name))
        case.check(name, deploy_runtimes.open_ncnn(converted, result="out0"))


def main():
    folder, runtime = Path(sys.argv[1]), sys.argv[2]
    skip_without_files(folder)
    globals()[f"check_{runtime}"](Case(folder))


if __name__ == "__main__":
    main()
