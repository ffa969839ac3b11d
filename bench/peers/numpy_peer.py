"""NumPy, the way the notebook goes: one example a column, its functions and its caches, in float32."""

import numpy as np

DTYPE = "float32"
VERSION = np.__version__


def mini_batches(x, y, size):
    return [(x[:, i : i + size], y[:, i : i + size]) for i in range(0, x.shape[1], size)]


def random_mini_batches(x, y, size):
    m = x.shape[1]
    if size < m:  # one batch of all needs no shuffling
        permutation = np.random.permutation(m)
        x, y = x[:, permutation], y[:, permutation]
    return mini_batches(x, y, size)


def pass_after_pass(batches_of, *data):
    while True:
        yield from batches_of(*data)


def linear_forward_activation(a_prev, w, b, activation):
    z = np.dot(w, a_prev) + b
    a = 1 / (1 + np.exp(-z)) if activation == "sigmoid" else np.maximum(0, z)
    return a, ((a_prev, w, b), z)


def l_layer_forward(x, params):
    caches = []
    layers = len(params) // 2
    a = x
    for l in range(1, layers + 1):
        activation = "sigmoid" if l == layers else "relu"
        a, cache = linear_forward_activation(a, params[f"W{l}"], params[f"b{l}"], activation)
        caches.append(cache)
    return a, caches


def cost_func(a_out, y):
    m = y.shape[1]
    terms = np.multiply(y, np.log(a_out)) + np.multiply(1 - y, np.log(1 - a_out))
    return np.squeeze(-1 / m * np.nansum(terms, axis=1, keepdims=True))


def linear_backward_from_dz(dz, linear_cache):
    a_prev, w, _ = linear_cache
    m = dz.shape[1]
    dw = 1 / m * np.dot(dz, a_prev.T)
    db = 1 / m * np.sum(dz, axis=1, keepdims=True)
    return np.dot(w.T, dz), dw, db


def l_layer_backward(a_out, y, caches):
    grads = {}
    layers = len(caches)
    dz = a_out - y
    for l in range(layers, 0, -1):
        linear_cache, z = caches[l - 1]
        if l < layers:
            dz = np.array(da, copy=True)
            dz[z <= 0] = 0
        da, grads[f"dW{l}"], grads[f"db{l}"] = linear_backward_from_dz(dz, linear_cache)
    return grads


def update_params(params, grads, learning_rate):
    for name in params:
        params[name] -= learning_rate * grads[f"d{name}"]


def update_params_adam(params, v, s, t, grads, learning_rate, beta1, beta2, epsilon):
    for name in params:
        gradient = grads[f"d{name}"]
        v[name] = beta1 * v[name] + (1 - beta1) * gradient
        s[name] = beta2 * s[name] + (1 - beta2) * gradient**2
        v_corrected = v[name] / (1 - beta1**t)
        s_corrected = s[name] / (1 - beta2**t)
        params[name] -= learning_rate * v_corrected / (np.sqrt(s_corrected) + epsilon)


class Trainer:
    def __init__(self, problem):
        dims, size = problem["layerDims"], problem["batchSize"]
        array = lambda data: np.frombuffer(data, dtype=np.float32)
        self.problem = problem
        self.params = {}
        for l, (w, b) in enumerate(zip(problem["weights"], problem["biases"]), start=1):
            self.params[f"W{l}"] = array(w).reshape(dims[l], dims[l - 1]).copy()
            self.params[f"b{l}"] = array(b).reshape(dims[l], 1).copy()
        self.v = {name: np.zeros_like(param) for name, param in self.params.items()}
        self.s = {name: np.zeros_like(param) for name, param in self.params.items()}
        x = array(problem["x"]).reshape(-1, dims[0]).T
        y = array(problem["y"]).reshape(1, -1)
        self.in_order = pass_after_pass(mini_batches, x, y, size)
        self.shuffled = pass_after_pass(random_mini_batches, x, y, size)
        self.t = 0

    def step(self, x, y):
        self.t += 1
        a_out, caches = l_layer_forward(x, self.params)
        cost = cost_func(a_out, y)
        grads = l_layer_backward(a_out, y, caches)
        rate = self.problem["learningRate"]
        if self.problem["optimizer"] == "adam":
            decays = [self.problem[name] for name in ("beta1", "beta2", "epsilon")]
            update_params_adam(self.params, self.v, self.s, self.t, grads, rate, *decays)
        else:
            update_params(self.params, grads, rate)
        return cost

    def check(self, steps):
        return [float(self.step(*next(self.in_order))) for _ in range(steps)]

    def train(self, steps):
        for _ in range(steps):
            self.step(*next(self.shuffled))
