"""The runtimes that users have, each as a function that opens an exported file and returns a
function from (N, 3, size, size) float32 to (N, outputs) (a module)."""

import subprocess
import sysconfig
from pathlib import Path

import numpy as np


def one_by_one(run):
    return lambda batch: np.stack([np.ravel(run(image[None])) for image in batch])


def open_onnxruntime(path):
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    source = session.get_inputs()[0]
    run = lambda batch: session.run(["outputs"], {source.name: batch})[0]
    return one_by_one(run) if source.shape[0] == 1 else run


def open_openvino(path, precision="f32"):
    """OpenVINO's default is bfloat16 where the processor has it."""
    import openvino

    settings = {"INFERENCE_PRECISION_HINT": precision} if precision else {}
    model = openvino.Core().compile_model(str(path), "CPU", settings)
    run = lambda batch: np.array(model(batch)[0])
    return one_by_one(run) if model.input(0).partial_shape.is_static else run


def open_opencv(path):
    import cv2

    model = cv2.dnn.readNetFromONNX(str(path))

    def run(image):
        model.setInput(image)
        return model.forward()

    return one_by_one(run)


def convert_to_mnn(path):
    """What the command `mnnconvert` does, but for one thing: that installs a package by pip and
    reports to MNN's maker."""
    import _tools

    converted = Path(path).with_suffix(".mnn")
    arguments = ["-f", "ONNX", "--modelFile", path, "--MNNModel", converted, "--bizCode", "test"]
    assert _tools.mnnconvert(["mnnconvert", *map(str, arguments)]), path
    return converted


def open_mnn(path):
    import MNN

    names = {"outside": "normalized_pixels"}
    source = names.get(Path(path).stem, "pixels")
    model = MNN.nn.load_module_from_file(str(convert_to_mnn(path)), [source], ["outputs"])

    def run(image):
        image = np.ascontiguousarray(image)
        pixels = MNN.expr.const(image, list(image.shape), MNN.expr.NCHW, MNN.expr.float)
        return np.array(model.forward([pixels])[0].read())

    return one_by_one(run)


def open_ncnn(path, half_precision=False, result="outputs"):
    """ncnn's default is to round the weights of InnerProduct, and on ARM all, to half precision."""
    import ncnn

    net = ncnn.Net()
    net.opt.num_threads = 1
    net.opt.use_fp16_storage = net.opt.use_fp16_packed = half_precision
    net.opt.use_fp16_arithmetic = half_precision
    assert net.load_param(str(path)) == 0, path
    assert net.load_model(str(Path(path).with_suffix(".bin"))) == 0, path
    source = net.input_names()[0]

    def run(image):
        extractor = net.create_extractor()
        extractor.input(source, ncnn.Mat(np.ascontiguousarray(image[0])).clone())
        status, outputs = extractor.extract(result)
        assert status == 0, (path, status)
        return np.array(outputs)

    return one_by_one(run)


def convert_by_pnnx(path):
    """The ncnn file that pnnx makes of a TorchScript file. The program in pnnx's package needs no
    PyTorch; its Python does."""
    program = Path(sysconfig.get_path("platlib")) / "pnnx/pnnx"
    command = [program, path, "inputshape=[1,3,64,64]", "fp16=0"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return Path(path).with_suffix(".ncnn.param")
