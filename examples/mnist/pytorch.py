"""The network of classic.ts by PyTorch: python pytorch.py <folder of MNIST's files> <epochs> <threads> <seed>.

Prints test accuracy and seconds of training as JSON. The same layers, dropout, rule and sizes of batches; a batch's
examples are drawn by PyTorch's own generator.
"""

import gzip
import json
import pathlib
import sys
import time

import torch
from torch import nn

KEEP_PROB, BATCH_SIZE = 0.8, 128


def read(folder, name, skip):
    path = pathlib.Path(folder) / name
    data = path.read_bytes() if path.exists() else gzip.decompress(path.with_name(name + ".gz").read_bytes())
    return torch.frombuffer(bytearray(data[skip:]), dtype=torch.uint8)


def part(folder, name):
    labels = read(folder, f"{name}-labels-idx1-ubyte", 8).long()
    return read(folder, f"{name}-images-idx3-ubyte", 16).reshape(len(labels), -1).float() / 255, labels


folder, epochs, threads, seed = sys.argv[1], *map(int, sys.argv[2:])
torch.set_num_threads(threads)
torch.manual_seed(seed)
(x, y), (test_x, test_y) = part(folder, "train"), part(folder, "t10k")
model = nn.Sequential(
    nn.Linear(x.shape[1], 512), nn.ReLU(), nn.Dropout(1 - KEEP_PROB),
    nn.Linear(512, 512), nn.ReLU(), nn.Dropout(1 - KEEP_PROB),
    nn.Linear(512, 10),
)
rule = torch.optim.RMSprop(model.parameters(), lr=0.001, alpha=0.9, eps=1e-7)
loss = nn.CrossEntropyLoss()

start = time.perf_counter()
for _ in range(epochs):
    for batch in torch.randperm(len(x)).split(BATCH_SIZE):
        rule.zero_grad(set_to_none=True)
        loss(model(x[batch]), y[batch]).backward()
        rule.step()
seconds = time.perf_counter() - start

model.eval()
with torch.no_grad():
    accuracy = (model(test_x).argmax(1) == test_y).float().mean().item()
print(json.dumps({"accuracy": accuracy, "seconds": seconds}))
