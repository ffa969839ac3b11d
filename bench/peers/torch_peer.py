"""PyTorch on the CPU: nn.Sequential, BCEWithLogitsLoss and torch.optim."""

import sys

import torch
from torch import nn

from batches import batches_of_rows

DTYPE = "float32"
VERSION = torch.__version__

torch.set_num_threads(int(sys.argv[2]))


def layers(dims, variant):
    """Linear layers with relu behind the hidden ones, and what layers.ts adds."""
    modules = []
    for inputs, units in zip(dims, dims[1:-1]):
        modules.append(nn.Linear(inputs, units))
        if variant == "batchNorm":
            modules.append(nn.BatchNorm1d(units))
        if variant == "layerNorm":
            modules.append(nn.LayerNorm(units))
        modules.append(nn.GELU() if variant == "gelu" else nn.ReLU())
        if variant == "dropout":
            modules.append(nn.Dropout(0.2))
    return nn.Sequential(*modules, nn.Linear(dims[-2], dims[-1]))


class Trainer:
    def __init__(self, problem):
        dims, size = problem["layerDims"], problem["batchSize"]
        tensor = lambda data: torch.frombuffer(data, dtype=torch.float32)
        variant = problem.get("variant")
        if variant is not None:
            self.model = layers(dims, variant)
            of_classes = variant == "categoricalCrossEntropy"
            self.loss = nn.CrossEntropyLoss() if of_classes else nn.MSELoss()
            self.y = tensor(problem["y"]).reshape(-1, dims[-1])
            if of_classes:
                self.y = self.y.argmax(1)
            self.learn(problem)
            return
        modules = []
        for l, (w, b) in enumerate(zip(problem["weights"], problem["biases"]), start=1):
            linear = nn.Linear(dims[l - 1], dims[l])
            with torch.no_grad():
                linear.weight.copy_(tensor(w).reshape(dims[l], dims[l - 1]))
                linear.bias.copy_(tensor(b))
            modules += [linear, nn.ReLU()]
        self.model = nn.Sequential(*modules[:-1])
        self.loss = nn.BCEWithLogitsLoss()
        self.y = tensor(problem["y"]).reshape(-1, 1)
        self.learn(problem)

    def learn(self, problem):
        dims, size = problem["layerDims"], problem["batchSize"]
        rate = problem["learningRate"]
        if problem["optimizer"] == "adam":
            betas = (problem["beta1"], problem["beta2"])
            self.optimizer = torch.optim.Adam(
                self.model.parameters(), lr=rate, betas=betas, eps=problem["epsilon"]
            )
        else:
            self.optimizer = torch.optim.SGD(self.model.parameters(), lr=rate)
        self.x = torch.frombuffer(problem["x"], dtype=torch.float32).reshape(-1, dims[0])
        self.in_order = batches_of_rows(problem["examples"], size, torch.arange)
        self.shuffled = batches_of_rows(problem["examples"], size, torch.randperm)

    def step(self, rows):
        x, y = self.x, self.y
        if rows is not None:
            x, y = x[rows], y[rows]
        self.optimizer.zero_grad()
        loss = self.loss(self.model(x), y)
        loss.backward()
        self.optimizer.step()
        return loss

    def check(self, steps):
        return [self.step(next(self.in_order)).item() for _ in range(steps)]

    def train(self, steps):
        for _ in range(steps):
            self.step(next(self.shuffled))
