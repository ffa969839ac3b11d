"""scikit-learn: MLPClassifier.partial_fit, which makes one pass over what it is given, batch by batch."""

import numpy as np
import sklearn
from sklearn.neural_network import MLPClassifier

DTYPE = "float32"
VERSION = sklearn.__version__


class Trainer:
    def __init__(self, problem):
        dims, self.size = problem["layerDims"], problem["batchSize"]
        array = lambda data: np.frombuffer(data, dtype=np.float32)
        self.x = array(problem["x"]).reshape(-1, dims[0])
        self.y = array(problem["y"]).astype(np.int64)
        self.batches = problem["examples"] // self.size
        solver = {"adam": "adam", "gradientDescent": "sgd"}[problem["optimizer"]]
        self.model = MLPClassifier(
            hidden_layer_sizes=dims[1:-1],
            activation="relu",
            solver=solver,
            alpha=0,
            batch_size=self.size,
            learning_rate_init=problem["learningRate"],
            momentum=0,
            nesterovs_momentum=False,
            shuffle=self.batches > 1,
            beta_1=problem["beta1"],
            beta_2=problem["beta2"],
            # It adds ε before the correction of the second moment; so it means the same at the first step.
            epsilon=problem["epsilon"] * (1 - problem["beta2"]) ** 0.5,
        )
        # It makes its arrays and its optimizer at the first call: then they are set to the problem's.
        self.model.partial_fit(self.x[: self.size], self.y[: self.size], classes=[0, 1])
        for l, (w, b) in enumerate(zip(problem["weights"], problem["biases"])):
            self.model.coefs_[l][:] = array(w).reshape(dims[l + 1], dims[l]).T
            self.model.intercepts_[l][:] = array(b)
        optimizer = self.model._optimizer
        for moments in ("ms", "vs", "velocities"):
            for moment in getattr(optimizer, moments, []):
                moment[:] = 0
        optimizer.t = 0
        self.at = 0

    def pass_over(self, batches):
        """Up to `batches` batches, to the end of the data at most; returns how many."""
        batches = min(batches, self.batches - self.at)
        rows = slice(self.at * self.size, (self.at + batches) * self.size)
        self.model.partial_fit(self.x[rows], self.y[rows])
        self.at = (self.at + batches) % self.batches
        return batches

    def check(self, steps):
        losses = []
        for _ in range(steps):
            self.pass_over(1)
            losses.append(float(self.model.loss_))
        return losses

    def train(self, steps):
        while steps > 0:
            steps -= self.pass_over(steps)
