"""What scikit-learn's metrics are of random and of odd answers, as JSON beside this file.

pip install scikit-learn==1.9.1 && python make.py
"""

import json
import pathlib
import warnings

import numpy as np
from sklearn import metrics as sk

warnings.simplefilter("ignore")
KINDS = ["binary", "classes", "labels", "numbers"]


def finite(value):
    value = np.asarray(value, dtype=float)
    return None if not np.isfinite(value).all() else value.tolist()


def shares(case, y, chosen, w):
    averages = ["macro", "micro", "weighted"] + (["binary"] if case["kind"] == "binary" else [])
    for average in averages:
        options = {"average": average, "sample_weight": w, "zero_division": 0}
        yield f"precision {average}", sk.precision_score(y, chosen, **options)
        yield f"recall {average}", sk.recall_score(y, chosen, **options)
        for beta in (0.5, 1, 2):
            yield f"fScore {average} {beta}", sk.fbeta_score(y, chosen, beta=beta, **options)


def one_by_one(y, p, value):
    return np.mean([value(y[:, k], p[:, k]) for k in range(p.shape[1])])


def area(y, p, w):
    return sk.roc_auc_score(y, p, sample_weight=w) if 0 < y.sum() < len(y) else np.nan


def of_classes(case, y, p, chosen, w):
    n = p.shape[1]
    kind = case["kind"]
    onehot = np.eye(n)[y] if kind == "classes" else y
    chosen_units = np.eye(n)[chosen] if kind == "classes" else chosen
    weigh = {"sample_weight": w}
    if kind == "labels":
        yield "accuracy", np.average((y == chosen).mean(axis=1), weights=w)
        yield "balancedAccuracy", one_by_one(y, chosen, lambda a, b: sk.balanced_accuracy_score(a, b, **weigh))
        yield "matthews", one_by_one(y, chosen, lambda a, b: sk.matthews_corrcoef(a, b, **weigh))
        yield "logLoss", n * one_by_one(y, p, lambda a, b: sk.log_loss(a, b, labels=[0, 1], **weigh))
        yield "brier", one_by_one(y, p, lambda a, b: sk.brier_score_loss(a, b, **weigh))
        yield from shares(case, y, chosen, w)
    else:
        flat = y if kind == "classes" else y[:, 0]
        taken = chosen if kind == "classes" else chosen[:, 0]
        count = n if kind == "classes" else 2
        labels = list(range(count))
        yield "accuracy", sk.accuracy_score(flat, taken, **weigh)
        yield "balancedAccuracy", sk.balanced_accuracy_score(flat, taken, **weigh)
        yield "matthews", sk.matthews_corrcoef(flat, taken, **weigh)
        yield "confusionMatrix", sk.confusion_matrix(flat, taken, labels=labels, **weigh)
        yield "logLoss", sk.log_loss(flat, p if kind == "classes" else p[:, 0], labels=labels, **weigh)
        yield "brier", sk.brier_score_loss(flat, p if kind == "classes" else p[:, 0], labels=labels, **weigh)
        yield from shares(case, flat, taken, w)
        if kind == "classes" and n > 2:
            for k in (1, 2, 3):
                yield f"topK {k}", sk.top_k_accuracy_score(flat, p, k=k, labels=labels, **weigh)
    yield "rocAuc", one_by_one(onehot, p, lambda a, b: area(a, b, w))
    yield "prAuc", one_by_one(onehot, p, lambda a, b: sk.average_precision_score(a, b, **weigh) if a.any() else 0)


def of_numbers(y, p, w):
    weigh = {"sample_weight": w}
    yield "meanSquaredError", sk.mean_squared_error(y, p, **weigh)
    yield "rootMeanSquaredError", sk.root_mean_squared_error(y, p, **weigh)
    yield "meanAbsoluteError", sk.mean_absolute_error(y, p, **weigh)
    yield "meanAbsolutePercentageError", sk.mean_absolute_percentage_error(y, p, **weigh)
    yield "r2", sk.r2_score(y, p, **weigh)
    yield "explainedVariance", sk.explained_variance_score(y, p, **weigh)
    for q in (0.1, 0.5, 0.9):
        yield f"pinball {q}", sk.mean_pinball_loss(y, p, alpha=q, **weigh)


def case(kind, y, p, w):
    y, p = np.array(y), np.array(p, dtype=float)
    made = {"kind": kind, "targets": y.tolist(), "outputs": p.tolist(), "weights": None if w is None else list(w)}
    if kind == "numbers":
        values = dict(of_numbers(y, p, w))
    else:
        chosen = p.argmax(axis=1) if kind == "classes" else (p > 0.5).astype(int)
        values = dict(of_classes(made, y, p, chosen, w))
    return made | {"values": {name: finite(value) for name, value in values.items()}}


def random_case(random, kind):
    m, n = int(random.integers(2, 25)), 1 if kind == "binary" else int(random.integers(2, 5))
    digits = int(random.integers(1, 4))  # one digit: many ties
    w = None if random.random() < 0.5 else random.integers(0, 5, size=m).astype(float) + random.integers(0, 2)
    if w is not None and not w.any():
        w[0] = 1.0
    if kind == "numbers":
        return case(kind, random.normal(size=(m, n)).round(digits), random.normal(size=(m, n)).round(digits), w)
    if kind == "classes":
        p = random.dirichlet(np.ones(n), size=m).round(digits)
        p[:, 0] = 1 - p[:, 1:].sum(axis=1)
        return case(kind, random.integers(n, size=m), np.abs(p), w)
    return case(kind, random.integers(2, size=(m, n)), random.random((m, n)).round(digits), w)


def odd_cases():
    yield case("binary", [[1], [1], [1]], [[0.2], [0.9], [0.6]], None)  # one class
    yield case("binary", [[0], [0]], [[0.2], [0.3]], None)
    yield case("binary", [[0], [0]], [[0.8], [0.9]], None)  # nothing is right
    yield case("binary", [[0], [1], [0], [1]], [[0.5]] * 4, None)  # all alike
    yield case("binary", [[0], [1]], [[0.0], [1.0]], None)  # certain and right
    yield case("binary", [[0], [1]], [[1.0], [0.0]], None)  # certain and wrong
    yield case("binary", [[1], [0]], [[0.7], [0.7]], [0.0, 2.0])  # a weight of 0
    yield case("binary", [[1]], [[0.7]], None)  # one example
    yield case("classes", [0, 0, 0], [[0.5, 0.25, 0.25]] * 3, None)
    yield case("classes", [0, 1, 2], [[0.25, 0.25, 0.5]] * 3, None)
    yield case("classes", [2, 2], [[0.5, 0.5, 0.0], [1.0, 0.0, 0.0]], None)  # ties, and a class of probability 0
    yield case("classes", [0, 1, 0], [[0.5, 0.5], [0.5, 0.5], [0.9, 0.1]], [1.0, 0.5, 2.0])
    yield case("classes", [3], [[0.1, 0.2, 0.3, 0.4]], None)
    # A class that weighs nothing, but is there.
    yield case("classes", [0, 1, 2, 0], [[0.6, 0.3, 0.1], [0.2, 0.7, 0.1], [0.1, 0.5, 0.4], [0.3, 0.4, 0.3]], [1.0, 2.0, 0.0, 1.0])
    yield case("classes", [0, 1, 1], [[0.6, 0.3, 0.1], [0.2, 0.7, 0.1], [0.1, 0.3, 0.6]], [1.0, 2.0, 0.0])
    yield case("binary", [[1], [0], [1]], [[0.7], [0.2], [0.9]], [1.0, 0.0, 2.0])
    yield case("labels", [[0, 1], [0, 1]], [[0.2, 0.9], [0.3, 0.8]], None)
    yield case("labels", [[0, 0], [0, 0]], [[0.9, 0.1], [0.3, 0.8]], None)
    yield case("numbers", [[1.0], [1.0]], [[1.0], [1.0]], None)  # constant and right
    yield case("numbers", [[1.0], [1.0]], [[2.0], [0.0]], None)  # constant and wrong
    yield case("numbers", [[0.0], [2.0]], [[1.0], [2.0]], None)  # a target of 0
    yield case("numbers", [[1.0, 5.0], [2.0, 5.0]], [[1.5, 5.0], [2.5, 5.0]], [1.0, 3.0])
    yield case("numbers", [[-1e9], [1e9]], [[-1e9 + 1], [1e9 + 1]], None)


cases = [random_case(np.random.default_rng(number), KINDS[number % 4]) for number in range(60)]
text = json.dumps([*cases, *odd_cases()], separators=(",", ":"))
pathlib.Path(__file__).with_name("scikit-learn.json").write_text(text + "\n")
