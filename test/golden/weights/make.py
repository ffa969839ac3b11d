"""Training runs by PyTorch in float64 with weights of examples and classes, those of classes by scikit-learn, and what
scikit-learn's metrics are of the trained networks with these weights; as JSON beside this file.

pip install torch==2.15.0 scikit-learn==1.9.1 && python make.py
"""

import json
import pathlib

import numpy as np
import torch
from sklearn import metrics as sk
from sklearn.utils.class_weight import compute_class_weight
from torch import nn
from torch.nn import functional

torch.set_default_dtype(torch.float64)

EXAMPLES, STEPS, L2, RATE = 11, 10, 0.3, 0.05


def focal(z, y, gamma):
    log_p = functional.logsigmoid(torch.where(y == 1, z, -z))
    return (-((1 - log_p.exp()) ** gamma) * log_p).sum(dim=1)


# Output activation, units, kind of targets, and the loss of each example from z and y.
LOSSES = {
    "meanSquaredError": ("linear", 2, "numbers", lambda z, y: nn.MSELoss(reduction="none")(z, y).mean(dim=1)),
    "huber": (
        "linear", 2, "numbers",
        lambda z, y, delta: nn.HuberLoss(reduction="none", delta=delta)(z, y).mean(dim=1),
    ),
    "poisson": (
        "linear", 2, "counts",
        lambda z, y: nn.PoissonNLLLoss(log_input=True, full=False, reduction="none")(z, y).mean(dim=1),
    ),
    "binaryCrossEntropy": (
        "sigmoid", 1, "bits",
        lambda z, y: functional.binary_cross_entropy_with_logits(z, y, reduction="none").sum(dim=1),
    ),
    "focal": ("sigmoid", 1, "bits", focal),
    "categoricalCrossEntropy": (
        "softmax", 3, "classes",
        lambda z, y, labelSmoothing=0.0: functional.cross_entropy(
            z, y, reduction="none", label_smoothing=labelSmoothing
        ),
    ),
}

# The loss, its parameters, its units where they are others, whether examples have weights, and the weights of classes.
RUNS = [
    ("meanSquaredError", {}, None, True, None),
    ("huber", {"delta": 0.4}, None, True, None),
    ("poisson", {}, None, True, None),
    ("binaryCrossEntropy", {}, None, True, None),
    ("binaryCrossEntropy", {}, 3, True, None),
    ("binaryCrossEntropy", {}, None, False, "balanced"),
    ("binaryCrossEntropy", {}, None, True, [0.5, 3.0]),
    ("focal", {"gamma": 2.0}, None, True, "balanced"),
    ("categoricalCrossEntropy", {}, None, True, None),
    ("categoricalCrossEntropy", {"labelSmoothing": 0.1}, None, True, [1.0, 0.0, 2.5]),
    ("categoricalCrossEntropy", {}, None, False, "balanced"),
    ("categoricalCrossEntropy", {}, None, True, "balanced"),
]


def targets(kind, units, random):
    if kind == "classes":
        return np.concatenate([np.arange(units), random.choice(units, EXAMPLES - units, p=[0.7, 0.2, 0.1])])
    if kind == "bits":
        return (random.random((EXAMPLES, units)) < 0.3).astype(float)
    shape = (EXAMPLES, units)
    return random.poisson(2.0, size=shape).astype(float) if kind == "counts" else random.normal(size=shape)


def plain(parameters):
    return [[w.tolist(), b.tolist()] for w, b in parameters]


def weights_of(given, class_weight, y, units):
    w = np.ones(EXAMPLES) if given is None else np.array(given)
    if class_weight is None:
        return w
    flat = y.reshape(EXAMPLES).astype(int)
    classes = np.arange(max(2, units))
    each = (
        compute_class_weight("balanced", classes=classes, y=flat) if class_weight == "balanced" else np.array(class_weight)
    )
    return w * each[flat]


def scores(output, y, z, w):
    if output == "linear":
        unit = {"sample_weight": w}
        return {
            "rootMeanSquaredError": sk.root_mean_squared_error(y, z, **unit),
            "meanAbsoluteError": sk.mean_absolute_error(y, z, **unit),
            "r2": sk.r2_score(y, z, **unit),
        }
    chosen = z.argmax(axis=1) if output == "softmax" else (z > 0).astype(int)
    if output == "sigmoid" and y.shape[1] > 1:
        return {"accuracy": np.average((chosen == y).mean(axis=1), weights=w)}
    y, chosen = y.reshape(EXAMPLES).astype(int), chosen.reshape(EXAMPLES)
    p = functional.softmax(torch.tensor(z), dim=1) if output == "softmax" else torch.sigmoid(torch.tensor(z))
    labels = list(range(max(2, z.shape[1])))
    return {
        "accuracy": sk.accuracy_score(y, chosen, sample_weight=w),
        "logLoss": sk.log_loss(y, p.numpy() if output == "softmax" else p.numpy()[:, 0], sample_weight=w, labels=labels),
        "confusionMatrix": sk.confusion_matrix(y, chosen, sample_weight=w, labels=labels).tolist(),
    }


def run(name, setting, units, has_weights, class_weight, random):
    output, usual, kind, loss_of = LOSSES[name]
    dims = [3, 5, units or usual]
    x = torch.tensor(random.normal(size=(EXAMPLES, dims[0])))
    y = targets(kind, dims[-1], random)
    given = None
    if has_weights:
        given = random.exponential(size=EXAMPLES)
        given[[2, 7]] = 0
    w = torch.tensor(weights_of(given, class_weight, y, dims[-1]))
    parameters = [
        [torch.tensor(random.normal(size=s)), torch.tensor(0.1 * random.normal(size=s[0]))]
        for s in zip(dims[1:], dims[:-1])
    ]
    start, first, losses = plain(parameters), None, []
    flat = [p.requires_grad_() for layer in parameters for p in layer]

    def logits():
        a = x
        for i, (weights, b) in enumerate(parameters):
            a = a @ weights.T + b
            a = torch.tanh(a) if i == 0 else a
        return a

    def weighted(z):
        return (w * loss_of(z, torch.tensor(y), **setting)).sum() / EXAMPLES

    for _ in range(STEPS):
        squares = sum((weights**2).sum() for weights, _ in parameters)
        loss = weighted(logits()) + L2 / (2 * EXAMPLES) * squares
        gradients = torch.autograd.grad(loss, flat)
        first = first or plain(zip(gradients[::2], gradients[1::2]))
        losses.append(loss.item())
        with torch.no_grad():
            for p, d in zip(flat, gradients):
                p -= RATE * d
    with torch.no_grad():
        z = logits()
        answers = z.exp() if kind == "counts" else z
        evaluation = {"loss": weighted(z).item(), **scores(output, y, answers.numpy(), w.numpy())}
    return {
        "loss": {"type": name, **setting}, "output": output, "dims": dims, "l2": L2, "learningRate": RATE,
        "x": x.tolist(), "targets": y.tolist(),
        "sampleWeight": None if given is None else given.tolist(), "classWeight": class_weight,
        "parameters": start, "gradients": first, "losses": losses, "trained": plain(parameters),
        "evaluation": evaluation,
    }


runs = [run(*given, np.random.default_rng([*given[0].encode(), i])) for i, given in enumerate(RUNS)]
(pathlib.Path(__file__).parent / "runs.json").write_text(json.dumps(runs) + "\n")
