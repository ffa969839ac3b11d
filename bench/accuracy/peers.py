"""What others make of the same rows. Reads from stdin a JSON object: "peers" to ask, "task", and "splits", each with training and test
columns and a seed; prints for each peer that is installed a list of scores, one for each split.

sklearn  scikit-learn's MLP with its defaults, on standardised and one-hot columns; targets of numbers are standardised too, which its
         defaults need
realmlp  pytabkit's RealMLP with its tuned defaults, on columns as they are
xgboost  with its defaults, on numbers as they are and one-hot texts
"""

import json
import sys
import warnings

import numpy as np
from sklearn.compose import TransformedTargetRegressor
from sklearn.impute import SimpleImputer
from sklearn.metrics import accuracy_score, roc_auc_score, root_mean_squared_error
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import LabelEncoder, OneHotEncoder, StandardScaler

warnings.filterwarnings("ignore")
job = json.load(sys.stdin)
is_numbers = job["task"] == "numbers"


def numbers(columns):
    return np.array([[np.nan if v is None else v for v in c] for c in columns["numbers"]], dtype=float).T


def texts(columns):
    cells = [["missing" if v is None else str(v) for v in c] for c in columns["texts"]]
    return np.array(cells, dtype=object).T


def prepared(train, test, scale):
    parts = []
    if train["numbers"]:
        fitted = scale.fit(numbers(train))
        parts.append((fitted.transform(numbers(train)), fitted.transform(numbers(test))))
    if train["texts"]:
        encode = OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit(texts(train))
        parts.append((encode.transform(texts(train)), encode.transform(texts(test))))
    return np.hstack([a for a, _ in parts]), np.hstack([b for _, b in parts])


def sklearn(train, y, test, seed):
    x, x_test = prepared(train, test, make_pipeline(SimpleImputer(strategy="median"), StandardScaler()))
    if is_numbers:
        model = TransformedTargetRegressor(MLPRegressor(random_state=seed), transformer=StandardScaler())
        return model.fit(x, y).predict(x_test)
    return MLPClassifier(random_state=seed).fit(x, y).predict_proba(x_test)


def xgboost(train, y, test, seed):
    from sklearn.preprocessing import FunctionTransformer
    from xgboost import XGBClassifier, XGBRegressor

    x, x_test = prepared(train, test, FunctionTransformer())
    if is_numbers:
        return XGBRegressor(random_state=seed, n_jobs=1).fit(x, y).predict(x_test)
    return XGBClassifier(random_state=seed, n_jobs=1).fit(x, y).predict_proba(x_test)


def realmlp(train, y, test, seed):
    import pandas as pd
    from pytabkit import RealMLP_TD_Classifier, RealMLP_TD_Regressor

    def frame(columns, impute):
        table = pd.DataFrame({f"n{i}": c for i, c in enumerate(impute(columns).T)})
        for i, c in enumerate(columns["texts"]):
            table[f"t{i}"] = pd.Categorical(["missing" if v is None else str(v) for v in c])
        return table

    # It takes no missing numbers.
    fitted = SimpleImputer(strategy="median").fit(numbers(train)) if train["numbers"] else None
    impute = lambda columns: fitted.transform(numbers(columns)) if fitted else np.empty((0, 0))
    options = {"device": "cpu", "random_state": seed, "n_threads": 1, "verbosity": 0}
    if is_numbers:
        return RealMLP_TD_Regressor(**options).fit(frame(train, impute), y).predict(frame(test, impute))
    return RealMLP_TD_Classifier(**options).fit(frame(train, impute), y).predict_proba(frame(test, impute))


def scores(split, predict):
    train, test, seed = split["train"], split["test"], split["seed"]
    if is_numbers:
        predictions = predict(train, np.array(train["target"], dtype=float), test, seed)
        return {"rootMeanSquaredError": float(root_mean_squared_error(test["target"], predictions))}
    classes = LabelEncoder().fit([str(label) for label in train["target"]])
    y, y_test = [classes.transform([str(label) for label in part["target"]]) for part in (train, test)]
    p = predict(train, y, test, seed)
    auc = roc_auc_score(y_test, p[:, 1]) if p.shape[1] == 2 else roc_auc_score(y_test, p, multi_class="ovr")
    return {"accuracy": float(accuracy_score(y_test, p.argmax(axis=1))), "rocAuc": float(auc)}


PEERS = {"sklearn": sklearn, "realmlp": realmlp, "xgboost": xgboost}
results = {}
for name in job["peers"]:
    try:
        results[name] = [scores(split, PEERS[name]) for split in job["splits"]]
    except ImportError as error:
        print(f"{name} isn't installed: {error}", file=sys.stderr)
print(json.dumps(results))
