"""scikit-learn's MLP with its defaults, on standardised and one-hot columns. Reads from stdin a JSON object of training and test
columns, types, targets and seed; prints a JSON object of scores. Targets of numbers are standardised too, which its defaults need."""
import json
import sys
import warnings

import numpy as np
from sklearn.compose import TransformedTargetRegressor
from sklearn.impute import SimpleImputer
from sklearn.metrics import accuracy_score, roc_auc_score, root_mean_squared_error
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

warnings.filterwarnings("ignore")
job = json.load(sys.stdin)


def numbers(columns):
    return np.array([[np.nan if v is None else v for v in c] for c in columns], dtype=float).T


def texts(columns):
    return np.array([["missing" if v is None else str(v) for v in c] for c in columns], dtype=object).T


def prepared():
    parts = []
    if job["train"]["numbers"]:
        scale = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
        train = scale.fit_transform(numbers(job["train"]["numbers"]))
        parts.append((train, scale.transform(numbers(job["test"]["numbers"]))))
    if job["train"]["texts"]:
        encode = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
        train = encode.fit_transform(texts(job["train"]["texts"]))
        parts.append((train, encode.transform(texts(job["test"]["texts"]))))
    return np.hstack([a for a, _ in parts]), np.hstack([b for _, b in parts])


x, x_test = prepared()
y, y_test = np.array(job["train"]["target"]), np.array(job["test"]["target"])
if job["task"] == "numbers":
    model = TransformedTargetRegressor(MLPRegressor(random_state=job["seed"]), transformer=StandardScaler())
    scores = {"rootMeanSquaredError": root_mean_squared_error(y_test, model.fit(x, y).predict(x_test))}
else:
    model = MLPClassifier(random_state=job["seed"]).fit(x, y)
    p = model.predict_proba(x_test)
    auc = roc_auc_score(y_test, p[:, 1]) if p.shape[1] == 2 else roc_auc_score(y_test, p, multi_class="ovr")
    scores = {"accuracy": accuracy_score(y_test, model.predict(x_test)), "rocAuc": auc}
print(json.dumps(scores))
