"""Training runs by PyTorch in float64 of networks whose layers have options of their own, as JSON beside this file.

pip install torch==2.15.0 && python make.py
"""

import json
import pathlib

import torch
from torch import nn

torch.set_default_dtype(torch.float64)

G = {"linear": lambda z: z, "relu": torch.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid, "silu": nn.functional.silu}


def dense(units, activation="linear", **options):
    return {"type": "dense", "units": units, "activation": activation, **options}


def batch_norm(**options):
    return {"type": "batchNorm", **options}


def layer_norm(**options):
    return {"type": "layerNorm", **options}


def activation(name):
    return {"type": "activation", "activation": name}


def build(inputs, layers):
    modules, width = [], inputs
    for layer in layers:
        kind, module = layer["type"], None
        if kind == "dense":
            module, width = nn.Linear(width, layer["units"], bias=layer.get("bias", True)), layer["units"]
        elif kind == "batchNorm":
            module = nn.BatchNorm1d(width, 1e-5, 0.1)
        elif kind == "layerNorm":
            module = nn.LayerNorm(width, 1e-5)
        if module is not None:
            for name, parameter in module.named_parameters():
                mean = 1.0 if name == "weight" and kind != "dense" else 0.0
                nn.init.normal_(parameter, mean, 0.5)
            if kind == "batchNorm":
                nn.init.normal_(module.running_mean, 0.0, 0.5)
                nn.init.uniform_(module.running_var, 0.5, 2.0)
        modules.append(module)
    return modules, width


def forward(layers, modules, x, training):
    for layer, module in zip(layers, modules):
        if layer["type"] == "batchNorm":
            # One that isn't trained normalises by its running statistics, and leaves them as they are.
            module.train(training and layer.get("trainable", True))
        x = x if module is None else module(x)
        x = G[layer["activation"]](x) if "activation" in layer else x
    return x


def numbers(modules, of):
    """What our parameters() and gradients hold: lists by their names."""
    return [
        {name: of(parameter).tolist() for name, parameter in module.named_parameters()}
        for module in modules
        if module is not None
    ]


def statistics(modules):
    norms = [module for module in modules if isinstance(module, nn.BatchNorm1d)]
    return [[norm.running_mean.tolist(), norm.running_var.tolist()] for norm in norms]


def penalty(layers, modules, l1, l2, rows):
    """The call's λ, but a layer's own in its place."""
    terms = 0.0
    for layer, module in zip(layers, modules):
        if isinstance(module, nn.Linear):
            w = module.weight
            terms += layer.get("l1", l1) / rows * w.abs().sum() + layer.get("l2", l2) / (2 * rows) * (w**2).sum()
    return terms


def constrain(layers, modules):
    with torch.no_grad():
        for layer, module in zip(layers, modules):
            if "maxNorm" in layer and layer.get("trainable", True):
                norm = module.weight.norm(dim=1, keepdim=True)
                module.weight.mul_((layer["maxNorm"] / norm).clamp(max=1.0))


def clip(parameters, limit):
    """clip_grad_norm_ without the 1e-6 that it adds to the norm."""
    norm = torch.sqrt(sum((p.grad**2).sum() for p in parameters))
    for p in parameters:
        p.grad.mul_((limit / norm).clamp(max=1.0))


RULES = {
    "adam": lambda groups, rate, decay: torch.optim.Adam(groups, lr=rate, eps=1e-3),
    "adamW": lambda groups, rate, decay: torch.optim.AdamW(groups, lr=rate, eps=1e-3, weight_decay=decay),
    "sgd": lambda groups, rate, decay: torch.optim.SGD(groups, lr=rate, momentum=0.9),
    "gradientDescent": lambda groups, rate, decay: torch.optim.SGD(groups, lr=rate),
}
OPTIONS = {
    "adam": {"epsilon": 1e-3},
    "adamW": {"epsilon": 1e-3},
    "sgd": {"momentum": 0.9},
    "gradientDescent": {},
}


def groups_of(layers, modules, rate, decay):
    """A group for each layer, whose biases and norms don't decay."""
    groups = []
    for layer, module in zip(layers, modules):
        if module is None or not layer.get("trainable", True):
            continue
        lr = rate * layer.get("learningRateFactor", 1.0)
        is_dense = isinstance(module, nn.Linear)
        for name, parameter in module.named_parameters():
            groups.append({"params": [parameter], "lr": lr, "weight_decay": decay if is_dense and name == "weight" else 0.0})
    return groups


def run(seed, inputs, layers, loss="meanSquaredError", optimizer="adam", l1=0.0, l2=0.0, decay=0.0, norm=None, rows=7, steps=12, zero=False):
    torch.manual_seed(seed)
    modules, width = build(inputs, layers)
    if zero:  # weights on l1's kink, half of them
        with torch.no_grad():
            for module in modules:
                if isinstance(module, nn.Linear):
                    module.weight[:, ::2] = 0.0
    x = torch.randn(rows, inputs)
    if loss == "categoricalCrossEntropy":
        targets = torch.randint(width, (rows,))
        loss_of = nn.functional.cross_entropy
    else:
        targets = torch.randn(rows, width)
        loss_of = nn.functional.mse_loss
    rate = 0.05
    rule = RULES[optimizer](groups_of(layers, modules, rate, decay), rate, decay)
    clipped = [p for group in rule.param_groups for p in group["params"]]
    before, running = numbers(modules, lambda p: p.detach()), statistics(modules)
    inner = layers if loss == "meanSquaredError" else [*layers[:-1], {**layers[-1], "activation": "linear"}]
    losses, first = [], None
    for _ in range(steps):
        for module in modules:
            if module is not None:
                module.zero_grad()
        value = loss_of(forward(inner, modules, x, True), targets) + penalty(layers, modules, l1, l2, rows)
        value.backward()
        first = first or numbers(modules, lambda p: p.grad)
        losses.append(value.item())
        if norm is not None:
            clip(clipped, norm)
        rule.step()
        constrain(layers, modules)
    with torch.no_grad():
        z = forward(inner, modules, x, False)
        predictions = torch.softmax(z, 1) if loss == "categoricalCrossEntropy" else z
    return {
        "inputs": inputs, "layers": layers, "loss": loss, "optimizer": optimizer,
        "hyperparameters": {"learningRate": rate, **OPTIONS[optimizer], **({"weightDecay": decay} if decay > 0 else {})},
        "l1": l1, "l2": l2, "clipNorm": norm, "x": x.tolist(), "targets": targets.tolist(), "steps": steps,
        "parameters": before, "running": running, "gradients": first, "losses": losses,
        "trained": numbers(modules, lambda p: p.detach()), "trainedRunning": statistics(modules),
        "predictions": predictions.tolist(),
    }


RUNS = {
    "no-bias": dict(
        inputs=3, l2=0.2, loss="categoricalCrossEntropy",
        layers=[dense(8, bias=False), batch_norm(), activation("relu"), dense(5, "tanh", bias=False), dense(3, "softmax")],
    ),
    "no-bias-at-all": dict(inputs=4, optimizer="sgd", layers=[dense(3, "silu", bias=False), dense(2, bias=False)]),
    "l1": dict(inputs=3, l1=0.3, layers=[dense(6, "tanh"), layer_norm(), dense(2)]),
    "l1-and-l2": dict(inputs=3, l1=0.2, l2=0.4, zero=True, norm=0.3, optimizer="gradientDescent", layers=[dense(8, "tanh"), dense(2)]),
    "own-penalties": dict(
        inputs=4, l1=0.1, l2=0.5, loss="categoricalCrossEntropy",
        layers=[
            dense(5, "relu", l1=0.7), dense(6, "tanh", l2=0), dense(6, "sigmoid", l1=0, l2=0.9, bias=False), dense(4, l1=0, l2=0),
            dense(3, "softmax"),
        ],
    ),
    "own-penalties-alone": dict(inputs=4, layers=[dense(5, "tanh", l2=0.7), dense(3, "tanh", l1=0.4), dense(2)]),
    "frozen": dict(
        inputs=3, l1=0.1, l2=0.3, norm=0.2,
        layers=[
            dense(6, "tanh", trainable=False), dense(5, "silu"), layer_norm(trainable=False), dense(4, "tanh", trainable=False, maxNorm=0.1),
            batch_norm(), dense(2),
        ],
    ),
    "frozen-norms": dict(
        inputs=3, loss="categoricalCrossEntropy", optimizer="adamW", decay=0.4,
        layers=[
            batch_norm(trainable=False), dense(5, "relu"), batch_norm(trainable=False), activation("tanh"),
            dense(4, trainable=False), batch_norm(), layer_norm(trainable=False), dense(3, "softmax"),
        ],
    ),
    "frozen-one": dict(inputs=3, rows=1, layers=[dense(4), batch_norm(trainable=False), activation("relu"), dense(2)]),
    "factors": dict(
        inputs=3, optimizer="adamW", decay=0.3,
        layers=[
            dense(6, "tanh", learningRateFactor=0.1), batch_norm(learningRateFactor=3.0), dense(5, "silu", bias=False),
            layer_norm(learningRateFactor=0.5), dense(4, "tanh", learningRateFactor=2.0), dense(3, trainable=False), dense(2),
        ],
    ),
    "factors-of-momentum": dict(
        inputs=3, optimizer="sgd", l2=0.2, layers=[dense(6, "tanh", learningRateFactor=0.25), dense(2, learningRateFactor=1.5)],
    ),
    "max-norm": dict(
        inputs=5, optimizer="adamW", decay=0.1, l1=0.1,
        layers=[dense(8, "tanh", maxNorm=0.9), dense(5, "tanh", maxNorm=1.2, bias=False), dense(2, maxNorm=50.0)],
    ),
    "mixed": dict(
        inputs=4, loss="categoricalCrossEntropy", l1=0.05, l2=0.2, norm=0.5, rows=9, steps=15,
        layers=[
            dense(16, "relu", bias=False, maxNorm=1.0, learningRateFactor=2.0), batch_norm(trainable=False),
            dense(8, "tanh", l1=0.3, l2=0), layer_norm(learningRateFactor=0.5), dense(6, "silu", trainable=False), dense(3, "softmax", l2=1.0),
        ],
    ),
}

for number, (name, settings) in enumerate(RUNS.items()):
    path = pathlib.Path(__file__).parent / f"{name}.json"
    path.write_text(json.dumps(run(number, **settings)) + "\n")
