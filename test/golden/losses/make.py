"""Training runs by PyTorch in float64, for each loss one with each of its settings, as JSON beside this file.

pip install torch==2.15.0 && python make.py
"""

import json
import pathlib

import numpy as np
import torch
from torch import nn
from torch.nn import functional

torch.set_default_dtype(torch.float64)


def sum_over_units(losses):
    return losses.sum(dim=1).mean()


def smoothed(y, smoothing):
    return y * (1 - smoothing) + smoothing / 2


def binary(z, y, labelSmoothing=0.0, positiveWeight=1.0, softLabels=False):
    weight = torch.tensor(positiveWeight)
    each = functional.binary_cross_entropy_with_logits(
        z, smoothed(y, labelSmoothing), pos_weight=weight, reduction="none"
    )
    return sum_over_units(each)


def focal(z, y, gamma=2.0):
    log_p = functional.logsigmoid(torch.where(y == 1, z, -z))
    return sum_over_units(-((1 - log_p.exp()) ** gamma) * log_p)


def categorical(z, y, labelSmoothing=0.0, softLabels=False):
    return nn.CrossEntropyLoss(label_smoothing=labelSmoothing)(z, y)


def pinball(z, y, quantile=0.5):
    return torch.maximum(quantile * (y - z), (quantile - 1) * (y - z)).mean()


# Output activation, targets, loss from z and y, and its settings. Those of PyTorch's where it has one; else the
# formula, whose slope PyTorch finds.
LOSSES = {
    "meanSquaredError": ("linear", "numbers", lambda z, y: nn.MSELoss()(z, y), [{}]),
    "meanAbsoluteError": ("linear", "numbers", lambda z, y: nn.L1Loss()(z, y), [{}]),
    "huber": (
        "linear", "numbers", lambda z, y, delta=1.0: nn.HuberLoss(delta=delta)(z, y), [{}, {"delta": 0.4}],
    ),
    "logCosh": ("linear", "numbers", lambda z, y: torch.log(torch.cosh(z - y)).mean(), [{}]),
    "quantile": ("linear", "numbers", pinball, [{}, {"quantile": 0.9}]),
    "poisson": (
        "linear", "counts", lambda z, y: nn.PoissonNLLLoss(log_input=True, full=False)(z, y), [{}],
    ),
    "hinge": ("linear", "bits", lambda z, y: torch.relu(1 - (2 * y - 1) * z).mean(), [{}]),
    "binaryCrossEntropy": (
        "sigmoid", "bits", binary,
        [{}, {"labelSmoothing": 0.1}, {"positiveWeight": 3.0}, {"labelSmoothing": 0.2, "positiveWeight": 0.4},
         {"labelSmoothing": 0.1, "positiveWeight": 2.0, "softLabels": True}],
    ),
    "categoricalCrossEntropy": (
        "softmax", "classes", categorical,
        [{}, {"labelSmoothing": 0.1}, {"softLabels": True}, {"labelSmoothing": 0.2, "softLabels": True}],
    ),
    "focal": ("sigmoid", "bits", focal, [{}, {"gamma": 0.5}, {"gamma": 0.0}]),
}

DIMS, EXAMPLES, STEPS = [3, 5, 4, 3], 7, 10
L2, KEEP_PROB, RATE = 0.3, 0.8, 0.05


def targets(kind, soft, random):
    shape = (EXAMPLES, DIMS[-1])
    if kind == "classes":
        return random.dirichlet(np.ones(DIMS[-1]), size=EXAMPLES) if soft else random.integers(3, size=EXAMPLES)
    if kind == "bits":
        return random.random(shape) if soft else random.integers(2, size=shape).astype(float)
    return random.poisson(2.0, size=shape).astype(float) if kind == "counts" else random.normal(size=shape)


def plain(parameters):
    return [[w.tolist(), b.tolist()] for w, b in parameters]


def run(name, setting, random):
    output, kind, loss_of, _ = LOSSES[name]
    x = torch.tensor(random.normal(size=(EXAMPLES, DIMS[0])))
    y = torch.tensor(targets(kind, setting.get("softLabels", False), random))
    shapes = list(zip(DIMS[1:], DIMS[:-1]))
    parameters = [
        [torch.tensor(random.normal(size=s)), torch.tensor(0.1 * random.normal(size=s[0]))] for s in shapes
    ]
    masks = [
        [(random.random((EXAMPLES, n)) < KEEP_PROB).astype(float) for n in DIMS[1:-1]] for _ in range(STEPS)
    ]
    start, first, losses = plain(parameters), None, []
    flat = [p.requires_grad_() for layer in parameters for p in layer]
    for step in masks:
        a = x
        for i, (w, b) in enumerate(parameters):
            a = a @ w.T + b
            if i < len(parameters) - 1:
                a = torch.tanh(a) * torch.tensor(step[i]) / KEEP_PROB
        squares = sum((w**2).sum() for w, _ in parameters)
        loss = loss_of(a, y, **setting) + L2 / (2 * EXAMPLES) * squares
        gradients = torch.autograd.grad(loss, flat)
        first = first or plain(zip(gradients[::2], gradients[1::2]))
        losses.append(loss.item())
        with torch.no_grad():
            for p, d in zip(flat, gradients):
                p -= RATE * d
    return {
        "loss": {"type": name, **setting}, "output": output,
        "dims": DIMS, "l2": L2, "keepProb": KEEP_PROB, "learningRate": RATE,
        "x": x.tolist(), "targets": y.tolist(), "masks": [[m.tolist() for m in step] for step in masks],
        "parameters": start, "gradients": first, "losses": losses, "trained": plain(parameters),
    }


for name, (_, _, _, settings) in LOSSES.items():
    runs = [run(name, setting, np.random.default_rng([*name.encode(), i])) for i, setting in enumerate(settings)]
    path = pathlib.Path(__file__).parent / f"{name}.json"
    path.write_text(json.dumps(runs) + "\n")
