"""What scikit-learn's MLPClassifier makes of the same customers: writes scikit-learn.json beside this file.

pip install scikit-learn==1.9.1 && python scikit_learn.py
"""

import csv
import gzip
import json
import pathlib
import warnings

import numpy as np
from sklearn.metrics import precision_score, recall_score, roc_auc_score
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler
from sklearn.utils.class_weight import compute_sample_weight

warnings.filterwarnings("ignore")
HERE = pathlib.Path(__file__).parent
RUNS = 5

NUMBERS = ("SeniorCitizen", "tenure", "MonthlyCharges", "TotalCharges")

with gzip.open(HERE / "../data/telco_churn.csv.gz", "rt", encoding="utf-8-sig") as file:
    rows = list(csv.DictReader(file))
y = np.array([row["Churn"] == "Yes" for row in rows], dtype=int)
columns = [[float(row[name].strip() or 0) for row in rows] for name in NUMBERS]
for name in rows[0]:
    if name not in ("customerID", "Churn", *NUMBERS):
        columns += [[float(row[name] == value) for row in rows] for value in sorted({row[name] for row in rows})]
x = np.array(columns).T
tested = np.arange(len(y)) % 5 == 0
scaler = StandardScaler().fit(x[~tested])
train, test = scaler.transform(x[~tested]), scaler.transform(x[tested])


def scores(seed, weight):
    model = MLPClassifier(early_stopping=True, random_state=seed)
    model.fit(train, y[~tested], sample_weight=weight)
    p = model.predict_proba(test)[:, 1]
    right = y[tested]
    return roc_auc_score(right, p), recall_score(right, p > 0.5), precision_score(right, p > 0.5)


def means(weight):
    found = np.mean([scores(seed, weight) for seed in range(RUNS)], axis=0)
    return dict(zip(("rocAuc", "recall", "precision"), found.tolist()))


balanced = compute_sample_weight("balanced", y[~tested])
results = {"plain": means(None), "balanced": means(balanced)}
(HERE / "scikit-learn.json").write_text(json.dumps(results, indent=2) + "\n")
print(json.dumps(results))
