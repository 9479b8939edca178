"""The recipe's model trained by PyTorch, as a worker (see train_serve.py). Cases: `eager`, as a
user writes it; `channels_last`; `compile`, channels_last with torch.compile and the fused Adam;
`gemm` and `gemm_onednn`, no model but products of 2048x2048 matrices, by the BLAS of this build of
PyTorch and by oneDNN.
"""

import torch
from torch import nn

import mobilenet
from train_serve import serve

SIDE = 2048  # of the matrices


def convolution(layer):
    """With its BatchNorm and ReLU6; borders as Keras has them."""
    padding = 1 if layer.kernel == 3 and layer.stride == 1 else 0
    modules = [nn.ZeroPad2d((0, 1, 0, 1))] if layer.stride == 2 else []
    return modules + [
        nn.Conv2d(
            layer.inputs,
            layer.outputs,
            layer.kernel,
            layer.stride,
            padding,
            groups=layer.groups,
            bias=False,
        ),
        nn.BatchNorm2d(layer.outputs, eps=1e-3, momentum=0.01),
        nn.ReLU6(inplace=True),
    ]


class Regressor(nn.Module):
    """(N, 3, 64, 64) float32 to (N, 3)."""

    def __init__(self, alpha):
        super().__init__()
        layers = mobilenet.convolutions(alpha)
        modules = [module for layer in layers for module in convolution(layer)]
        self.features = nn.Sequential(*modules, nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.heads = nn.ModuleList(
            nn.Sequential(
                nn.Linear(layers[-1].outputs, mobilenet.HIDDEN),
                nn.ReLU(inplace=True),
                nn.Dropout(mobilenet.DROPOUT),
                nn.Linear(mobilenet.HIDDEN, 1),
            )
            for _ in mobilenet.OUTPUTS
        )

    def forward(self, images):
        features = self.features(images)
        return torch.cat([head(features) for head in self.heads], 1)


def training_step(case, alpha):
    model = Regressor(alpha).train()
    parameters = sum(parameter.numel() for parameter in model.parameters())
    images = torch.randn(mobilenet.BATCH, 3, mobilenet.SIZE, mobilenet.SIZE)
    labels = torch.randn(mobilenet.BATCH, len(mobilenet.OUTPUTS))
    if case != "eager":
        model = model.to(memory_format=torch.channels_last)
        images = images.contiguous(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(
        model.parameters(), **({"fused": True} if case == "compile" else {})
    )
    loss_of = nn.MSELoss()
    forward = torch.compile(model) if case == "compile" else model

    def step():
        optimizer.zero_grad()
        loss_of(forward(images), labels).backward()
        optimizer.step()
        return len(images)

    return step, parameters


def matrix_products(case):
    a, b = torch.ones(SIDE, SIDE), torch.ones(SIDE, SIDE)
    c = torch.empty(SIDE, SIDE)
    if case == "gemm":
        return lambda: (torch.mm(a, b, out=c), 2 * SIDE**3)[1]
    a, b = a.to_mkldnn(), b.to_mkldnn()
    return lambda: (nn.functional.linear(a, b), 2 * SIDE**3)[1]


def open_case(case, alpha, threads):
    torch.set_num_threads(threads)
    about = {"versions": {"torch": torch.__version__}}
    if case.startswith("gemm"):
        torch.set_grad_enabled(False)
        return matrix_products(case), about
    if case == "compile" and not hasattr(torch, "compile"):
        raise SystemExit(f"PyTorch {torch.__version__} has no torch.compile")
    step, parameters = training_step(case, alpha)
    return step, {**about, "parameters": parameters}


if __name__ == "__main__":
    serve(open_case)
