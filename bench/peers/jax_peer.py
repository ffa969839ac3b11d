"""JAX on the CPU: a whole training step compiled by jit, which gathers its batch; its arrays donated."""

import os
import sys

# XLA makes as many threads as it may use cores while it starts.
cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
if cores is not None:
    os.sched_setaffinity(0, sorted(cores)[: int(sys.argv[2])])

import jax
import jax.numpy as jnp
import numpy as np

from batches import batches_of_rows

jax.config.update("jax_platforms", "cpu")
jax.config.update("jax_cpu_enable_async_dispatch", False)  # no second thread that computes meanwhile
jax.block_until_ready(jax.jit(lambda a: a @ a)(jnp.ones((256, 256))))
if cores is not None:
    os.sched_setaffinity(0, cores)

DTYPE = "float32"
VERSION = jax.__version__


def loss_of(params, x, y):
    for w, b in params[:-1]:
        x = jax.nn.relu(x @ w.T + b)
    w, b = params[-1]
    z = (x @ w.T + b)[:, 0]
    return jnp.mean(jnp.maximum(z, 0) - z * y + jnp.log1p(jnp.exp(-jnp.abs(z))))


def gradients(params, x, y, rows):
    if rows is not None:
        x, y = x[rows], y[rows]
    return jax.value_and_grad(loss_of)(params, x, y)


def make_step(problem):
    rate = problem["learningRate"]
    beta1, beta2, epsilon = (problem[name] for name in ("beta1", "beta2", "epsilon"))
    each = jax.tree_util.tree_map

    def descend(params, v, s, t, x, y, rows):
        loss, grads = gradients(params, x, y, rows)
        return each(lambda w, g: w - rate * g, params, grads), v, s, t + 1, loss

    def adam(params, v, s, t, x, y, rows):
        loss, grads = gradients(params, x, y, rows)
        t = t + 1
        v = each(lambda a, g: beta1 * a + (1 - beta1) * g, v, grads)
        s = each(lambda a, g: beta2 * a + (1 - beta2) * g * g, s, grads)
        first, second = 1 - beta1**t, 1 - beta2**t
        update = lambda w, a, b: w - rate * (a / first) / (jnp.sqrt(b / second) + epsilon)
        return each(update, params, v, s), v, s, t, loss

    step = adam if problem["optimizer"] == "adam" else descend
    return jax.jit(step, donate_argnums=(0, 1, 2, 3))


class Trainer:
    def __init__(self, problem):
        dims, size = problem["layerDims"], problem["batchSize"]
        array = lambda data: np.frombuffer(data, dtype=np.float32)
        params = [
            (jnp.array(array(w).reshape(dims[l], dims[l - 1])), jnp.array(array(b)))
            for l, (w, b) in enumerate(zip(problem["weights"], problem["biases"]), start=1)
        ]
        zeros = lambda: jax.tree_util.tree_map(jnp.zeros_like, params)
        self.state = (params, zeros(), zeros(), jnp.float32(0))
        self.update = make_step(problem)
        self.x = jnp.array(array(problem["x"]).reshape(-1, dims[0]))
        self.y = jnp.array(array(problem["y"]))
        permutation = np.random.default_rng().permutation
        self.in_order = batches_of_rows(problem["examples"], size, np.arange)
        self.shuffled = batches_of_rows(problem["examples"], size, permutation)

    def step(self, rows):
        *state, loss = self.update(*self.state, self.x, self.y, rows)
        self.state = tuple(state)
        return loss

    def check(self, steps):
        return [float(self.step(next(self.in_order))) for _ in range(steps)]

    def train(self, steps):
        for _ in range(steps):
            loss = self.step(next(self.shuffled))
        jax.block_until_ready((self.state, loss))
