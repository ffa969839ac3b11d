"""PyTorch on the CPU: nn.Sequential, BCEWithLogitsLoss and torch.optim."""

import sys

import torch
from torch import nn

from batches import batches_of_rows

DTYPE = "float32"
VERSION = torch.__version__

torch.set_num_threads(int(sys.argv[2]))


class Trainer:
    def __init__(self, problem):
        dims, size = problem["layerDims"], problem["batchSize"]
        tensor = lambda data: torch.frombuffer(data, dtype=torch.float32)
        modules = []
        for l, (w, b) in enumerate(zip(problem["weights"], problem["biases"]), start=1):
            linear = nn.Linear(dims[l - 1], dims[l])
            with torch.no_grad():
                linear.weight.copy_(tensor(w).reshape(dims[l], dims[l - 1]))
                linear.bias.copy_(tensor(b))
            modules += [linear, nn.ReLU()]
        self.model = nn.Sequential(*modules[:-1])
        self.loss = nn.BCEWithLogitsLoss()
        rate = problem["learningRate"]
        if problem["optimizer"] == "adam":
            betas = (problem["beta1"], problem["beta2"])
            self.optimizer = torch.optim.Adam(
                self.model.parameters(), lr=rate, betas=betas, eps=problem["epsilon"]
            )
        else:
            self.optimizer = torch.optim.SGD(self.model.parameters(), lr=rate)
        self.x = tensor(problem["x"]).reshape(-1, dims[0])
        self.y = tensor(problem["y"]).reshape(-1, 1)
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
