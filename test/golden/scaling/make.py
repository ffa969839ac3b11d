"""What scikit-learn's scalers make of real and of awkward columns, as JSON beside this file.

pip install scikit-learn==1.9.1 && python make.py
"""

import json
import pathlib
import warnings

import numpy as np
from sklearn import preprocessing

HERE = pathlib.Path(__file__).parent
warnings.filterwarnings("ignore")

SCALERS = {
    "standard": lambda: preprocessing.StandardScaler(),
    "minMax": lambda: preprocessing.MinMaxScaler(),
    "robust": lambda: preprocessing.RobustScaler(),
    "quantileNormal": lambda: preprocessing.QuantileTransformer(
        n_quantiles=1000, output_distribution="normal", subsample=None
    ),
}


def breast_cancer():
    lines = (HERE / "../../../examples/data/breast_cancer.csv").read_text().split("\n")[1:]
    return np.array([[float(cell) for cell in line.split(",")[:-1]] for line in lines if line])


def formula(m):
    """Columns of integers, of tenths with ties, of mostly zeros, and of a wide range."""
    i = np.arange(m, dtype=np.float64)
    return np.stack(
        [
            np.mod(i * 7919, 1511),
            np.mod(i * 31, 97) / 10,
            np.where(np.mod(i, 10) == 3, np.mod(i, 7), 0),
            (np.mod(i * 389, 1009) - 500) ** 3 / 8,
        ],
        axis=1,
    )


DATA = {
    "breastCancer": breast_cancer(),
    "formula2500": formula(2500),
    "formula1000": formula(1000),
    "formula37": formula(37),
    "oneRow": np.array([[3.0, 0.0, -2.5, 1e30]]),
    "twoRows": np.array([[3.0, 0.0, -2.5], [4.0, 0.0, 7.5]]),
    "ties": np.array([[1.0, 0.1], [1.0, 0.1], [1.0, 0.2], [2.0, 0.2], [2.0, 0.2], [5.0, 0.3], [1.0, 0.3]]),
    "large": np.array([[1e30, 1.0], [-1e30, 2.0], [0.0, 1e30], [3e29, -1e30], [5.0, 0.5]]),
    "constant": np.array([[7.0, 0.1, 1.0], [7.0, 0.1, 2.0], [7.0, 0.1, 4.0]]),
}


def probes(x):
    """Some of its rows, what lies between them, and what lies beyond."""
    few = x[:: max(1, len(x) // 12)]
    between = (few[:-1] + few[1:]) / 2
    beyond = np.stack([x.min(axis=0) - 1, x.max(axis=0) + 1])
    return np.concatenate([few, between, beyond])


def case(name, x, method):
    at = probes(x)
    return {"data": name, "method": method, "at": at.tolist(), "scaled": SCALERS[method]().fit(x).transform(at).tolist()}


if __name__ == "__main__":
    cases = [case(name, x, method) for name, x in DATA.items() for method in SCALERS]
    small = {name: x.tolist() for name, x in DATA.items() if len(x) < 10}
    text = json.dumps({"small": small, "cases": cases}, separators=(",", ":"))
    (HERE / "scaling.json").write_text(text.replace('{"data"', '\n{"data"') + "\n")
