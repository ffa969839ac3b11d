"""Files of nn.Sequential by PyTorch, with what it predicts.

pip install torch==2.15.0 safetensors==0.7.0 && python make.py
"""

import json
import pathlib

import torch
from safetensors.torch import save_file
from torch import nn


class Residual(nn.Sequential):
    def forward(self, x):
        return x + super().forward(x)


def mlp():
    return nn.Sequential(
        nn.BatchNorm1d(3), nn.Dropout(0.1), nn.Linear(3, 6), nn.BatchNorm1d(6, eps=1e-3), nn.ReLU(), nn.Dropout(0.5),
        nn.Linear(6, 4), nn.GELU(), nn.LayerNorm(4), nn.Linear(4, 3), nn.SiLU(), nn.Linear(3, 2), nn.Softmax(1),
    )


def residual():
    return nn.Sequential(
        nn.Linear(3, 4), nn.Tanh(),
        Residual(nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 5), Residual(nn.LayerNorm(5), nn.ELU()), nn.Linear(5, 4)),
        nn.Dropout(0.5), nn.Linear(4, 1),
    )


def unbiased():
    return nn.Sequential(
        nn.Linear(3, 6, bias=False), nn.BatchNorm1d(6), nn.ReLU(), Residual(nn.Linear(6, 6, bias=False), nn.Tanh()), nn.Linear(6, 1),
    )


class Wrapped(nn.Module):
    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, x):
        return self.net(x)


torch.manual_seed(7)
folder = pathlib.Path(__file__).parent
x = torch.randn(9, 3, dtype=torch.float64)
outputs = {}
for name, model in {
    "mlp": mlp().double(), "prefix": Wrapped(mlp()), "residual": residual(), "prefix-residual": Wrapped(Wrapped(residual().double())),
    "unbiased": unbiased().double(),
}.items():
    dtype = next(model.parameters()).dtype
    rule = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(5):  # running statistics, scales and shifts of their own
        rule.zero_grad()
        model(torch.randn(16, 3, dtype=dtype) * 2 + 1).square().mean().backward()
        rule.step()
    model.eval()
    save_file(model.state_dict(), folder / f"{name}.safetensors", metadata={"format": "pt"})
    outputs[name] = model(x.to(dtype)).tolist()
(folder / "outputs.json").write_text(json.dumps({"x": x.tolist(), "outputs": outputs}) + "\n")
