"""Training runs by JAX in float64, one for each hidden activation, as JSON beside this file.

pip install jax==0.10.2 && python make.py
"""

import json
import pathlib

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)

ACTIVATIONS = {
    "relu": jax.nn.relu,
    "sigmoid": jax.nn.sigmoid,
    "tanh": jnp.tanh,
    "leakyRelu": lambda z: jax.nn.leaky_relu(z, 0.01),
    "elu": jax.nn.elu,
    "selu": jax.nn.selu,
    "silu": jax.nn.silu,
    "linear": lambda z: z,
    "gelu": lambda z: jax.nn.gelu(z, approximate=False),
    "geluTanh": lambda z: jax.nn.gelu(z, approximate=True),
    "softplus": jax.nn.softplus,
    "mish": jax.nn.mish,
    "hardSwish": jax.nn.hard_swish,
    "hardSigmoid": jax.nn.hard_sigmoid,
}

DIMS, EXAMPLES, STEPS = [3, 5, 4, 3], 6, 8
L2, KEEP_PROB, RATE = 0.3, 0.8, 0.05


def loss(parameters, g, x, labels, masks):
    a = x
    for i, (w, b) in enumerate(parameters):
        a = a @ w.T + b
        if i < len(parameters) - 1:
            a = g(a) * masks[i] / KEEP_PROB
    picked = jnp.take_along_axis(jax.nn.log_softmax(a), labels[:, None], axis=1)
    squares = sum((w**2).sum() for w, _ in parameters)
    return -picked.mean() + L2 / (2 * len(x)) * squares


def plain(tree):
    return jax.tree.map(lambda a: np.asarray(a).tolist(), tree)


def run(g, random):
    x = random.normal(size=(EXAMPLES, DIMS[0]))
    labels = random.integers(DIMS[-1], size=EXAMPLES)
    shapes = list(zip(DIMS[1:], DIMS[:-1]))
    parameters = [(random.normal(size=s), 0.1 * random.normal(size=s[0])) for s in shapes]
    masks = [
        [(random.random((EXAMPLES, n)) < KEEP_PROB).astype(float) for n in DIMS[1:-1]]
        for _ in range(STEPS)
    ]
    first, losses = None, []
    current = parameters
    for step in masks:
        value, gradients = jax.value_and_grad(loss)(current, g, x, labels, step)
        first = first or plain(gradients)
        losses.append(float(value))
        current = jax.tree.map(lambda p, d: p - RATE * d, current, gradients)
    return {
        "dims": DIMS, "l2": L2, "keepProb": KEEP_PROB, "learningRate": RATE,
        "x": x.tolist(), "labels": labels.tolist(), "masks": plain(masks),
        "parameters": plain(parameters), "gradients": first, "losses": losses,
        "trained": plain(current),
    }


for number, (name, g) in enumerate(ACTIVATIONS.items()):
    path = pathlib.Path(__file__).parent / f"{name}.json"
    path.write_text(json.dumps(run(g, np.random.default_rng(number))) + "\n")
