"""Training runs by PyTorch in float64 with a loss of one's own, which is no mean over examples, as JSON beside this file.

pip install torch==2.15.0 && python make.py
"""

import json
import pathlib

import numpy as np
import torch

torch.set_default_dtype(torch.float64)

DIMS, EXAMPLES, STEPS, L2, RATE = [3, 5, 2], 7, 10, 0.3, 0.05
LAST = {"linear": lambda z: z, "sigmoid": torch.sigmoid, "tanh": torch.tanh}


def loss_of(a, y):
    """The mean of cosh(a − y), and how far the batch's means are apart."""
    return torch.cosh(a - y).mean() + 0.7 * ((a.mean(dim=0) - y.mean(dim=0)) ** 2).sum()


def plain(parameters):
    return [[w.tolist(), b.tolist()] for w, b in parameters]


def run(last, random):
    x = torch.tensor(random.normal(size=(EXAMPLES, DIMS[0])))
    y = torch.tensor(random.normal(size=(EXAMPLES, DIMS[-1])))
    parameters = [
        [torch.tensor(random.normal(size=s)), torch.tensor(0.1 * random.normal(size=s[0]))]
        for s in zip(DIMS[1:], DIMS[:-1])
    ]
    start, first, losses = plain(parameters), None, []
    flat = [p.requires_grad_() for layer in parameters for p in layer]
    for _ in range(STEPS):
        [[w1, b1], [w2, b2]] = parameters
        a = LAST[last](torch.tanh(x @ w1.T + b1) @ w2.T + b2)
        loss = loss_of(a, y) + L2 / (2 * EXAMPLES) * ((w1**2).sum() + (w2**2).sum())
        gradients = torch.autograd.grad(loss, flat)
        first = first or plain(zip(gradients[::2], gradients[1::2]))
        losses.append(loss.item())
        with torch.no_grad():
            for p, d in zip(flat, gradients):
                p -= RATE * d
    return {
        "last": last, "dims": DIMS, "l2": L2, "learningRate": RATE, "x": x.tolist(), "targets": y.tolist(),
        "parameters": start, "gradients": first, "losses": losses, "trained": plain(parameters),
    }


runs = [run(last, np.random.default_rng([*last.encode()])) for last in LAST]
(pathlib.Path(__file__).parent / "runs.json").write_text(json.dumps(runs) + "\n")
