"""Training runs by PyTorch in float64 (Lion by Optax), some for each update rule, as JSON beside this file.

Where PyTorch's weight decay is a term of the loss, decoupled decay is done by hand, in AdamW's order.

pip install torch==2.15.0 optax==0.2.8 && python make.py
"""

import json
import pathlib

import jax
import optax
import torch
from torch import optim

torch.set_default_dtype(torch.float64)
jax.config.update("jax_enable_x64", True)

DIMS, EXAMPLES, STEPS = [3, 5, 4, 3], 6, 12
L2, KEEP_PROB = 0.3, 0.8


def gradientDescent(parameters, learningRate=0.0075):
    return optim.SGD(parameters, lr=learningRate)


def momentum(parameters, learningRate=0.0075, beta=0.9, nesterov=False):
    # PyTorch's v is this one's times 1/(1 − β).
    rate = learningRate * (1 - beta)
    return optim.SGD(parameters, lr=rate, momentum=beta, nesterov=nesterov)


def sgd(parameters, learningRate=1e-3, momentum=0, nesterov=False):
    return optim.SGD(parameters, lr=learningRate, momentum=momentum, nesterov=nesterov)


def adam(parameters, learningRate=1e-3, beta1=0.9, beta2=0.999, epsilon=1e-8):
    return optim.Adam(parameters, lr=learningRate, betas=(beta1, beta2), eps=epsilon)


def adamW(parameters, learningRate=1e-3, beta1=0.9, beta2=0.999, epsilon=1e-8, weightDecay=0.01):
    return optim.AdamW(
        decaying(parameters, weightDecay), lr=learningRate, betas=(beta1, beta2), eps=epsilon
    )


def nadam(parameters, learningRate=2e-3, beta1=0.9, beta2=0.999, epsilon=1e-8, momentumDecay=4e-3,
          weightDecay=0):
    return optim.NAdam(
        decaying(parameters, weightDecay), lr=learningRate, betas=(beta1, beta2), eps=epsilon,
        momentum_decay=momentumDecay, decoupled_weight_decay=True,
    )


def adaGrad(parameters, learningRate=0.01, epsilon=1e-10):
    return optim.Adagrad(parameters, lr=learningRate, eps=epsilon)


def rmsProp(parameters, learningRate=1e-3, decay=0.9, epsilon=1e-8, momentum=0, centered=False):
    return optim.RMSprop(
        parameters, lr=learningRate, alpha=decay, eps=epsilon, momentum=momentum, centered=centered
    )


def lion(parameters, learningRate=1e-4, beta1=0.9, beta2=0.99):
    return Optax(parameters, optax.lion(learningRate, b1=beta1, b2=beta2, weight_decay=0))


class Optax:
    """A rule of Optax as PyTorch has its own."""

    def __init__(self, parameters, rule):
        self.parameters, self.rule = parameters, rule
        self.state = rule.init(self.numbers())

    def numbers(self):
        return [p.detach().numpy().copy() for p in self.parameters]

    def zero_grad(self):
        for p in self.parameters:
            p.grad = None

    def step(self):
        gradients = [p.grad.numpy() for p in self.parameters]
        updates, self.state = self.rule.update(gradients, self.state, self.numbers())
        with torch.no_grad():
            for p, change in zip(self.parameters, updates):
                p.add_(torch.tensor(change.tolist()))


def decaying(parameters, weightDecay):
    """Weights, which decay, and biases, which don't."""
    return [
        {"params": [p for p in parameters if p.dim() == 2], "weight_decay": weightDecay},
        {"params": [p for p in parameters if p.dim() == 1], "weight_decay": 0},
    ]


DECAY = {"weightDecay": 0.1}
ADAM = {"learningRate": 0.05, "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-3, **DECAY}

# Of each rule: PyTorch's, and the options that are tried.
RULES = {
    "gradientDescent": (gradientDescent, [{}, {"learningRate": 0.1, **DECAY}]),
    "momentum": (
        momentum,
        [{}, {"nesterov": True}, {"learningRate": 0.1, "beta": 0.8, "nesterov": True, **DECAY}],
    ),
    "sgd": (
        sgd,
        [
            {},
            {"momentum": 0.9},
            {"learningRate": 0.05, "momentum": 0.8, "nesterov": True, **DECAY},
        ],
    ),
    "adam": (adam, [{}, ADAM]),
    "adamW": (adamW, [{}, ADAM]),
    "nadam": (nadam, [{}, {**ADAM, "momentumDecay": 0.1}]),
    "adaGrad": (adaGrad, [{}, {"learningRate": 0.2, "epsilon": 0.01, **DECAY}]),
    "rmsProp": (
        rmsProp,
        [
            {},
            {"centered": True},
            {"momentum": 0.9},
            {"learningRate": 0.01, "decay": 0.95, "epsilon": 1e-3, "momentum": 0.8, "centered": True, **DECAY},
        ],
    ),
    "lion": (lion, [{}, {"learningRate": 0.05, "beta1": 0.8, "beta2": 0.95, **DECAY}]),
}
DECOUPLED = [adamW, nadam]


def problem(random):
    def normal(*size):
        return torch.randn(*size, generator=random)

    x = normal(EXAMPLES, DIMS[0])
    labels = torch.randint(DIMS[-1], (EXAMPLES,), generator=random)
    shapes = list(zip(DIMS[1:], DIMS[:-1]))
    parameters = [(normal(*shape), 0.1 * normal(shape[0])) for shape in shapes]
    masks = [
        [
            (torch.rand(EXAMPLES, n, generator=random) < KEEP_PROB).double()
            for n in DIMS[1:-1]
        ]
        for _ in range(STEPS)
    ]
    return x, labels, parameters, masks


def loss(parameters, x, labels, masks):
    a = x
    for i, (w, b) in enumerate(parameters):
        a = a @ w.T + b
        if i < len(parameters) - 1:
            a = torch.tanh(a) * masks[i] / KEEP_PROB
    squares = sum((w**2).sum() for w, _ in parameters)
    return torch.nn.functional.cross_entropy(a, labels) + L2 / (2 * len(x)) * squares


def run(make, options, x, labels, parameters, masks):
    current = [tuple(p.clone().requires_grad_() for p in layer) for layer in parameters]
    given, decay = dict(options), 0
    if make not in DECOUPLED and "weightDecay" in given:
        decay = given["learningRate"] * given.pop("weightDecay")
    optimizer = make([p for layer in current for p in layer], **given)
    losses = []
    for step in masks:
        optimizer.zero_grad()
        value = loss(current, x, labels, step)
        value.backward()
        losses.append(value.item())
        with torch.no_grad():
            for w, _ in current:
                w.mul_(1 - decay)
        optimizer.step()
    return {"options": options, "losses": losses, "trained": plain(current)}


def plain(layers):
    return [[p.tolist() for p in layer] for layer in layers]


for number, (name, (make, variants)) in enumerate(RULES.items()):
    x, labels, parameters, masks = made = problem(torch.Generator().manual_seed(number))
    golden = {
        "dims": DIMS, "l2": L2, "keepProb": KEEP_PROB,
        "x": x.tolist(), "labels": labels.tolist(), "masks": plain(masks),
        "parameters": plain(parameters),
        "runs": [run(make, options, *made) for options in variants],
    }
    path = pathlib.Path(__file__).parent / f"{name}.json"
    path.write_text(json.dumps(golden) + "\n")
