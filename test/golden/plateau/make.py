"""Learning rates and training runs by PyTorch's ReduceLROnPlateau in float64, as JSON beside this file.

PyTorch reduces after patience + 1 epochs without gain, so its patience is one less; `eps` 0 lets it reduce any rate, and
`threshold_mode` "abs" makes its threshold a difference.

pip install torch==2.15.0 && python make.py
"""

import json
import pathlib

import torch
from torch.optim.lr_scheduler import ReduceLROnPlateau

torch.set_default_dtype(torch.float64)

DIMS, EXAMPLES, HELD, EPOCHS = [3, 5, 1], 12, 8, 20

CASES = [
    {"learningRate": 0.3, "plateau": {"patience": 1}},
    {"learningRate": 0.3, "plateau": {"factor": 0.5, "patience": 3, "minDelta": 0.01}},
    {"learningRate": 0.3, "plateau": {"factor": 0.5, "patience": 2, "minDelta": 0.005, "lowest": 0.05}},
    {"learningRate": 0.3, "plateau": {"factor": 0.2, "patience": 2, "monitor": "loss", "minDelta": 0.02}},
]


def normal(random, *size):
    return torch.randn(*size, generator=random)


def rows(random, m):
    x = normal(random, m, DIMS[0])
    return x, ((x.sum(1) + normal(random, m)) > 0).double()


def loss(parameters, x, y):
    (w1, b1), (w2, b2) = parameters
    z = torch.tanh(x @ w1.T + b1) @ w2.T + b2
    return torch.nn.functional.binary_cross_entropy_with_logits(z[:, 0], y)


def run(case, x, y, held, parameters):
    current = [tuple(p.clone().requires_grad_() for p in layer) for layer in parameters]
    optimizer = torch.optim.SGD([p for layer in current for p in layer], lr=case["learningRate"], momentum=0.9)
    given = case["plateau"]
    scheduler = ReduceLROnPlateau(
        optimizer, factor=given.get("factor", 0.1), patience=given["patience"] - 1,
        threshold=given.get("minDelta", 0), threshold_mode="abs", min_lr=given.get("lowest", 0), eps=0,
    )
    rates, losses, validation = [], [], []
    for _ in range(EPOCHS):
        optimizer.zero_grad()
        value = loss(current, x, y)
        value.backward()
        optimizer.step()
        rates.append(optimizer.param_groups[0]["lr"])
        losses.append(value.item())
        validation.append(loss(current, *held).item())
        scheduler.step((losses if given.get("monitor") == "loss" else validation)[-1])
    return {**case, "rates": rates, "losses": losses, "validation": validation, "trained": plain(current)}


def plain(layers):
    return [[p.tolist() for p in layer] for layer in layers]


random = torch.Generator().manual_seed(3)
(x, y), held = rows(random, EXAMPLES), rows(random, HELD)
parameters = [(normal(random, n, k), 0.1 * normal(random, n)) for k, n in zip(DIMS, DIMS[1:])]
golden = {
    "dims": DIMS, "x": x.tolist(), "y": y.tolist(), "heldX": held[0].tolist(), "heldY": held[1].tolist(),
    "parameters": plain(parameters), "runs": [run(case, x, y, held, parameters) for case in CASES],
}
path = pathlib.Path(__file__).parent / "runs.json"
path.write_text(json.dumps(golden) + "\n")
for case in golden["runs"]:
    print(case["plateau"], sorted(set(case["rates"]), reverse=True))
