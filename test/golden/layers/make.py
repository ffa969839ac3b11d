"""Training runs of networks of layers by PyTorch in float64, as JSON beside this file.

pip install torch==2.15.0 && python make.py
"""

import json
import pathlib

import torch
from torch import nn

torch.set_default_dtype(torch.float64)

G = {
    "linear": lambda z: z,
    "relu": torch.relu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "elu": nn.functional.elu,
    "silu": nn.functional.silu,
    "leakyRelu": nn.functional.leaky_relu,
    "softmax": lambda z: z,  # in the loss, and in predictions
}


def dense(units, activation="linear"):
    return {"type": "dense", "units": units, "activation": activation}


def dropout(keep_prob):
    return {"type": "dropout", "keepProb": keep_prob}


def batch_norm(**options):
    return {"type": "batchNorm", **options}


def layer_norm(**options):
    return {"type": "layerNorm", **options}


def activation(name):
    return {"type": "activation", "activation": name}


def residual(*layers):
    return {"type": "residual", "layers": list(layers)}


def scaling(center, scale, **options):
    return {"type": "scaling", "method": "standard", "center": center, "scale": scale, **options}


class Model:
    """Layers as PyTorch has them; masks are given, one for each dropout in order."""

    def __init__(self, inputs, layers):
        self.modules, self.drops = [], []
        self.layers, self.width = self.build(layers, inputs)

    def build(self, layers, width):
        built = []
        for layer in layers:
            kind, module = layer["type"], None
            if kind == "dense":
                module, width = nn.Linear(width, layer["units"]), layer["units"]
            elif kind == "batchNorm":
                momentum = 1 - layer.get("decay", 0.9)
                module = nn.BatchNorm1d(width, layer.get("epsilon", 1e-5), momentum)
            elif kind == "layerNorm":
                module = nn.LayerNorm(width, layer.get("epsilon", 1e-5))
            elif kind == "dropout":
                module = len(self.drops)
                self.drops.append((width, layer["keepProb"]))
            elif kind == "residual":
                module, _ = self.build(layer["layers"], width)
            if isinstance(module, nn.Module):
                self.modules.append(module)
                for parameter in module.parameters():
                    nn.init.normal_(parameter, 1.0 if parameter is module.weight and kind != "dense" else 0.0, 0.5)
            built.append((layer, module))
        return built, width

    def run(self, layers, x, masks):
        for layer, module in layers:
            kind = layer["type"]
            if kind == "dense":
                x = G[layer["activation"]](module(x))
            elif kind == "activation":
                x = G[layer["activation"]](x)
            elif kind == "dropout":
                x = x if masks is None else x * masks[module] / layer["keepProb"]
            elif kind == "scaling":
                x = (x - torch.tensor(layer["center"])) / torch.tensor(layer["scale"])
                c = layer["softClip"]
                x = c * torch.tanh(x / c)
            elif kind == "residual":
                x = x + self.run(module, x, masks)
            else:
                x = module(x)
        return x

    def parameters(self):
        return [p for module in self.modules for p in (module.weight, module.bias)]

    def weights(self):
        return [module.weight for module in self.modules if isinstance(module, nn.Linear)]

    def numbers(self, of):
        """What our parameters() and gradients hold, as nested lists."""
        return [[of(module.weight).tolist(), of(module.bias).tolist()] for module in self.modules]

    def running(self):
        norms = [module for module in self.modules if isinstance(module, nn.BatchNorm1d)]
        return [[norm.running_mean.tolist(), norm.running_var.tolist()] for norm in norms]


def without_output(layers):
    """The last activation is the loss's: logits stay."""
    *rest, last = layers
    if last.get("activation") in ("sigmoid", "softmax"):
        last = {**last, "activation": "linear"}
    return [*rest, last]


def loss_of(name, z, targets):
    if name == "categoricalCrossEntropy":
        return nn.functional.cross_entropy(z, targets)
    if name == "binaryCrossEntropy":
        return nn.functional.binary_cross_entropy_with_logits(z, targets, reduction="sum") / len(z)
    return nn.functional.mse_loss(z, targets)


OUTPUTS = {
    "categoricalCrossEntropy": lambda z: torch.softmax(z, 1),
    "binaryCrossEntropy": torch.sigmoid,
    "meanSquaredError": lambda z: z,
}


def run(seed, inputs, layers, loss, optimizer="adam", l2=0.0, rows=7, steps=10):
    torch.manual_seed(seed)
    model = Model(inputs, without_output(layers))
    x = torch.randn(rows, inputs)
    if loss == "categoricalCrossEntropy":
        targets = torch.randint(model.width, (rows,))
    elif loss == "binaryCrossEntropy":
        targets = torch.randint(2, (rows, model.width)).double()
    else:
        targets = torch.randn(rows, model.width)
    masks = [
        [(torch.rand(rows, width) < keep_prob).double() for width, keep_prob in model.drops]
        for _ in range(steps)
    ]
    # A bias before a batchNorm has a gradient of 0 but for rounding, which Adam with a smaller epsilon would make large.
    rate, epsilon = 0.05, 1e-3
    if optimizer == "adam":
        rule = torch.optim.Adam(model.parameters(), lr=rate, eps=epsilon)
    else:
        rule = torch.optim.SGD(model.parameters(), lr=rate)
    before = model.numbers(lambda p: p.detach())
    losses, first = [], None
    for step in masks:
        rule.zero_grad()
        squares = sum((w**2).sum() for w in model.weights())
        value = loss_of(loss, model.run(model.layers, x, step), targets) + l2 / (2 * rows) * squares
        value.backward()
        first = first or model.numbers(lambda p: p.grad)
        losses.append(value.item())
        rule.step()
    for module in model.modules:
        module.eval()
    with torch.no_grad():
        predictions = OUTPUTS[loss](model.run(model.layers, x, None))
    return {
        "inputs": inputs, "layers": layers, "loss": loss, "optimizer": optimizer,
        "hyperparameters": {"learningRate": rate, **({"epsilon": epsilon} if optimizer == "adam" else {})},
        "l2": l2, "x": x.tolist(), "targets": targets.tolist(),
        "masks": [[mask.int().tolist() for mask in step] for step in masks],
        "parameters": before, "gradients": first, "losses": losses,
        "trained": model.numbers(lambda p: p.detach()), "running": model.running(),
        "predictions": predictions.tolist(),
    }


RUNS = {
    "tabular": dict(
        inputs=3, loss="categoricalCrossEntropy", l2=0.3,
        layers=[dense(6), batch_norm(), activation("relu"), dropout(0.8), dense(3, "softmax")],
    ),
    "layer-norm": dict(
        inputs=4, loss="categoricalCrossEntropy",
        layers=[dense(5, "tanh"), layer_norm(), dense(9), layer_norm(epsilon=1e-3), activation("silu"), dense(3, "softmax")],
    ),
    "residual": dict(
        inputs=3, loss="meanSquaredError", l2=0.1,
        layers=[
            dense(4, "elu"),
            residual(batch_norm(), activation("relu"), dense(6), dropout(0.7), dense(4)),
            activation("tanh"),
            residual(dense(4), batch_norm(decay=0.7, epsilon=1e-3), activation("silu")),
            dense(2),
        ],
    ),
    "nested": dict(
        inputs=4, loss="binaryCrossEntropy", optimizer="gradientDescent",
        layers=[
            residual(
                dense(4, "relu"),
                dropout(0.9),
                residual(layer_norm(), dense(5, "sigmoid"), residual(dense(5, "tanh"), dropout(0.8)), dense(4)),
                residual(activation("elu")),
                batch_norm(),
            ),
            dropout(0.85),
            dense(2, "sigmoid"),
        ],
    ),
    "input-dropout": dict(
        inputs=5, loss="binaryCrossEntropy",
        layers=[dropout(0.75), dense(4, "leakyRelu"), dropout(0.5), dropout(0.9), dense(1), activation("sigmoid")],
    ),
    "input-norm": dict(
        inputs=5, loss="meanSquaredError", optimizer="gradientDescent", l2=0.2,
        layers=[batch_norm(), dense(4, "relu"), layer_norm(), dense(1)],
    ),
    "input-residual": dict(
        inputs=3, loss="categoricalCrossEntropy",
        layers=[residual(residual(dropout(0.8)), layer_norm(), activation("relu")), batch_norm(), dense(3), batch_norm(), activation("softmax")],
    ),
    "tanh-output": dict(
        inputs=3, loss="meanSquaredError",
        layers=[dense(5, "relu"), dense(2, "tanh")],
    ),
    "mixed": dict(
        inputs=4, loss="meanSquaredError", l2=0.5, rows=9, steps=12,
        layers=[
            dense(5, "sigmoid"), dropout(0.9), dense(6, "leakyRelu"), dropout(0.6), dense(4, "elu"),
            activation("silu"), dropout(0.7), activation("tanh"), dense(3, "silu"), dense(1), batch_norm(decay=0.5),
        ],
    ),
    "scaled": dict(
        inputs=3, loss="categoricalCrossEntropy", l2=0.2,
        layers=[
            scaling([0.5, -0.25, 0.1], [2.0, 0.5, 0.25], softClip=3.0),
            dropout(0.9), dense(16, "tanh"), layer_norm(), dense(3, "softmax"),
        ],
    ),
}

for number, (name, settings) in enumerate(RUNS.items()):
    path = pathlib.Path(__file__).parent / f"{name}.json"
    path.write_text(json.dumps(run(number, **settings)) + "\n")
