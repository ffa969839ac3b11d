"""Training runs by PyTorch in float64 of gradients that are accumulated over batches, and of averages of the weights
(torch.optim.swa_utils), as JSON beside this file. One update an epoch, of all examples in their order; a batch norm.

pip install torch==2.15.0 && python make.py
"""

import json
import pathlib

import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

torch.set_default_dtype(torch.float64)

EXAMPLES, L2, STEPS = 11, 0.3, 12


def network(random):
    model = nn.Sequential(nn.Linear(3, 5), nn.BatchNorm1d(5), nn.Tanh(), nn.Linear(5, 3))
    with torch.no_grad():
        for p in model.parameters():
            p.copy_(torch.randn(p.shape, generator=random))
    return model


def plain(model):
    first, norm, _, last = model
    return [
        {"weights": first.weight.tolist(), "biases": first.bias.tolist()},
        {
            "scale": norm.weight.tolist(), "shift": norm.bias.tolist(),
            "runningMean": norm.running_mean.tolist(), "runningVariance": norm.running_var.tolist(),
        },
        {"weights": last.weight.tolist(), "biases": last.bias.tolist()},
    ]


def penalty(model, m):
    return L2 / (2 * m) * sum((layer.weight**2).sum() for layer in (model[0], model[3]))


def step(model, optimizer, x, labels, part, clip):
    """One update by the sum of the parts' gradients, each part's loss divided by all examples."""
    optimizer.zero_grad()
    total = 0
    for begin in range(0, len(x), part):
        rows = slice(begin, begin + part)
        value = nn.functional.cross_entropy(model(x[rows]), labels[rows], reduction="sum") / len(x)
        value.backward()
        total += value.item()
    last = penalty(model, len(x))
    last.backward()
    if clip is not None:
        # clip_grad_norm_ without its 1e-6.
        norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
        for p in model.parameters():
            p.grad.mul_(min(1, clip / norm))
    optimizer.step()
    return total + last.item()


def run(given, x, labels, random, average=None, from_epoch=1):
    model = network(random)
    begun = plain(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    averaged = average and average(model)
    losses = []
    for epoch in range(1, STEPS + 1):
        losses.append(step(model, optimizer, x, labels, given.get("batchSize", EXAMPLES), given.get("clip")))
        if averaged and epoch >= from_epoch:
            averaged.update_parameters(model)
    trained = averaged.module if averaged else model
    return {"options": given, "parameters": begun, "losses": losses, "trained": plain(trained)}


def ema(decay):
    return lambda model: AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(decay), use_buffers=True)


def mean(model):
    return AveragedModel(model, use_buffers=True)


random = torch.Generator().manual_seed(8)
x = torch.randn(EXAMPLES, 3, generator=random)
labels = torch.randint(3, (EXAMPLES,), generator=random)
golden = {
    "l2": L2, "epochs": STEPS, "learningRate": 0.05, "x": x.tolist(), "labels": labels.tolist(),
    "accumulated": [
        run(given, x, labels, random)
        for given in (
            {"batchSize": 4, "accumulate": 3},
            {"batchSize": 3, "accumulate": 4, "clip": 0.5},
            {"batchSize": 6, "accumulate": 9},
        )
    ],
    "averaged": [
        run({"weightAverage": {"decay": 0.9}}, x, labels, random, ema(0.9)),
        run({"weightAverage": {"decay": 0.3}}, x, labels, random, ema(0.3)),
        run({"weightAverage": {"fromEpoch": 1}}, x, labels, random, mean),
        run({"weightAverage": {"fromEpoch": 7}}, x, labels, random, mean, 7),
    ],
}
path = pathlib.Path(__file__).parent / "runs.json"
path.write_text(json.dumps(golden) + "\n")
