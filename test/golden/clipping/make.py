"""Training runs by PyTorch in float64 with clipped gradients, as JSON beside this file.

pip install torch==2.15.0 numpy && python make.py
"""

import json
import pathlib

import numpy as np
import torch

torch.set_default_dtype(torch.float64)

DIMS, EXAMPLES, STEPS, L2 = [3, 5, 4, 3], 6, 12, 0.3

CASES = {
    "norm": {"optimizer": "gradientDescent", "clip": {"norm": 0.25}},
    "norm-large": {"optimizer": "gradientDescent", "clip": {"norm": 1e6}},
    "norm-between": {"optimizer": "momentum", "clip": {"norm": 1.5}},
    "value": {"optimizer": "momentum", "clip": {"value": 0.05}},
    "both": {"optimizer": "adam", "clip": {"norm": 0.3, "value": 0.1}},
}


def clip(parameters, norm=None, value=None):
    if value is not None:
        torch.nn.utils.clip_grad_value_(parameters, value)
    if norm is not None:
        # clip_grad_norm_ adds 1e-6 to the norm.
        total = torch.nn.utils.get_total_norm([p.grad for p in parameters])
        factor = torch.clamp(norm / total, max=1.0)
        for p in parameters:
            p.grad.mul_(factor)
        return float(total)
    return None


def optimizer_of(name, parameters):
    if name == "adam":
        return torch.optim.Adam(parameters, lr=0.05)
    if name == "momentum":  # v <- beta v + (1 - beta) g
        return torch.optim.SGD(parameters, lr=0.3, momentum=0.9, dampening=0.9)
    return torch.optim.SGD(parameters, lr=0.3)


def plain(parameters):
    numbers = [p.detach().tolist() for p in parameters]
    return [numbers[i : i + 2] for i in range(0, len(numbers), 2)]


def run(case, random):
    x = random.normal(size=(EXAMPLES, DIMS[0]))
    labels = random.integers(DIMS[-1], size=EXAMPLES)
    shapes = list(zip(DIMS[1:], DIMS[:-1]))
    parameters = [
        torch.tensor(numbers, requires_grad=True)
        for s in shapes
        for numbers in (2 * random.normal(size=s), 0.1 * random.normal(size=s[0]))
    ]
    result = {**case, "dims": DIMS, "l2": L2, "x": x.tolist(), "labels": labels.tolist()}
    result["parameters"] = plain(parameters)
    optimizer = optimizer_of(case["optimizer"], parameters)
    if case["optimizer"] == "momentum":  # PyTorch's first v is g, without the dampening
        for p in parameters:
            optimizer.state[p]["momentum_buffer"] = torch.zeros_like(p)
    losses, norms = [], []
    for _ in range(STEPS):
        optimizer.zero_grad()
        a = torch.tensor(x)
        for i in range(0, len(parameters), 2):
            z = a @ parameters[i].T + parameters[i + 1]
            a = torch.relu(z)
        loss = torch.nn.functional.cross_entropy(z, torch.tensor(labels))
        loss = loss + L2 / (2 * EXAMPLES) * sum((w**2).sum() for w in parameters[::2])
        loss.backward()
        losses.append(float(loss.detach()))
        norms.append(clip(parameters, **case["clip"]))
        optimizer.step()
    return {**result, "norms": norms, "losses": losses, "trained": plain(parameters)}


for number, (name, case) in enumerate(CASES.items()):
    path = pathlib.Path(__file__).parent / f"{name}.json"
    path.write_text(json.dumps(run(case, np.random.default_rng(number))) + "\n")
