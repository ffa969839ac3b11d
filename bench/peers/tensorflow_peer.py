"""TensorFlow on the CPU: a training step compiled by tf.function, which gathers its batch; Keras's optimizers."""

import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import numpy as np
import tensorflow as tf

from batches import batches_of_rows

DTYPE = "float32"
VERSION = tf.__version__

tf.config.threading.set_intra_op_parallelism_threads(int(sys.argv[2]))
tf.config.threading.set_inter_op_parallelism_threads(1)


class Trainer:
    def __init__(self, problem):
        dims, size = problem["layerDims"], problem["batchSize"]
        array = lambda data: np.frombuffer(data, dtype=np.float32)
        self.layers = [
            (tf.Variable(array(w).reshape(dims[l], dims[l - 1]).T.copy()), tf.Variable(array(b)))
            for l, (w, b) in enumerate(zip(problem["weights"], problem["biases"]), start=1)
        ]
        self.variables = [variable for layer in self.layers for variable in layer]
        rate = problem["learningRate"]
        if problem["optimizer"] == "adam":
            self.optimizer = tf.keras.optimizers.Adam(
                rate, problem["beta1"], problem["beta2"], problem["epsilon"]
            )
        else:
            self.optimizer = tf.keras.optimizers.SGD(rate)
        self.optimizer.build(self.variables)
        self.x = tf.constant(array(problem["x"]).reshape(-1, dims[0]))
        self.y = tf.constant(array(problem["y"]))
        permutation = np.random.default_rng().permutation
        self.in_order = batches_of_rows(problem["examples"], size, np.arange)
        self.shuffled = batches_of_rows(problem["examples"], size, permutation)
        self.update = tf.function(self.update_by, reduce_retracing=True)

    def update_by(self, x, y):
        with tf.GradientTape() as tape:
            for w, b in self.layers[:-1]:
                x = tf.nn.relu(tf.matmul(x, w) + b)
            w, b = self.layers[-1]
            z = (tf.matmul(x, w) + b)[:, 0]
            loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=z))
        self.optimizer.apply(tape.gradient(loss, self.variables))
        return loss

    def step(self, rows):
        if rows is None:
            return self.update(self.x, self.y)
        return self.update(tf.gather(self.x, rows), tf.gather(self.y, rows))

    def check(self, steps):
        return [float(self.step(next(self.in_order))) for _ in range(steps)]

    def train(self, steps):
        for _ in range(steps):
            loss = self.step(next(self.shuffled))
        loss.numpy()
