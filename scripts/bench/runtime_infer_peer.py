"""A file in a runtime, as a worker (see infer_serve.py), in the environment of
scripts/deploy/make_env.sh. Cases: `onnxruntime`, `openvino`, `ncnn`, all in float32.
"""

from pathlib import Path

import numpy as np

from infer_serve import pixels, serve


def onnxruntime_case(path, threads):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    feed = {session.get_inputs()[0].name: pixels()}
    return lambda: session.run(None, feed)[0], {"onnxruntime": onnxruntime.__version__}


def openvino_case(path, threads):
    import openvino

    settings = {
        "INFERENCE_PRECISION_HINT": "f32",
        "INFERENCE_NUM_THREADS": threads,
        "PERFORMANCE_HINT": "LATENCY",
    }
    request = openvino.Core().compile_model(path, "CPU", settings).create_infer_request()
    request.set_input_tensor(openvino.Tensor(pixels()))

    def predict():
        request.infer()
        return request.get_output_tensor(0).data

    return predict, {"openvino": openvino.__version__.split("-")[0]}


def ncnn_case(path, threads):
    """Half precision is off: on x86 ncnn would keep InnerProduct's weights in it."""
    import ncnn

    net = ncnn.Net()
    net.opt.num_threads = threads
    net.opt.use_fp16_storage = net.opt.use_fp16_packed = net.opt.use_fp16_arithmetic = False
    if net.load_param(path) != 0 or net.load_model(str(Path(path).with_suffix(".bin"))) != 0:
        raise SystemExit(f"ncnn cannot load {path}")
    source, result = net.input_names()[0], net.output_names()[0]
    values = pixels()[0]  # ncnn.Mat does not keep alive what it is made of
    image = ncnn.Mat(values).clone()

    def predict():
        extractor = net.create_extractor()
        extractor.input(source, image)
        return np.array(extractor.extract(result)[1])

    return predict, {"ncnn": ncnn.__version__}


def open_case(case, path, threads):
    cases = {"onnxruntime": onnxruntime_case, "openvino": openvino_case, "ncnn": ncnn_case}
    return cases[case](path, threads)


if __name__ == "__main__":
    serve(open_case)
