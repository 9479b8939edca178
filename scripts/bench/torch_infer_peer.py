"""A network in PyTorch, as a worker (see infer_serve.py). Cases: `eager:ALPHA`, a checkpoint as a
user runs it; `torchscript`, a file that mobireg exported; `optimized`, that file through
torch.jit.optimize_for_inference.
"""

import torch

import infer_checkpoint
from infer_serve import pixels, serve


def open_case(case, path, threads):
    torch.set_num_threads(threads)
    torch.set_grad_enabled(False)
    if case.startswith("eager:"):
        model = infer_checkpoint.load(path, float(case.split(":")[1]))
    else:
        model = torch.jit.load(path)
    if case == "optimized":
        model = torch.jit.optimize_for_inference(model)
    image = torch.from_numpy(pixels())
    return lambda: model(image).numpy(), {"torch": torch.__version__}


if __name__ == "__main__":
    serve(open_case)
