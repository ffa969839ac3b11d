"""x and Φ(−x) = ½·erfc(x/√2), rounded and what the rounding took away, as values.txt beside this file.

pip install mpmath==1.3.0 && python make.py
"""

import pathlib

from mpmath import erfc, mp, mpf, sqrt

mp.dps = 60

FARTHEST = 37.5  # from there Φ(−x) is below the normal range
GOLDEN = 0.6180339887498949

spread = [FARTHEST * (i * GOLDEN % 1) for i in range(1, 341)]  # points that crowd nowhere
near_0 = [2.0 ** (-i / 2) for i in range(60)]


def line(x):
    tail = erfc(mpf(x) / sqrt(mpf(2))) / 2
    high = float(tail)
    return f"{x!r} {high!r} {float(tail - high)!r}\n"


(pathlib.Path(__file__).parent / "values.txt").write_text("".join(map(line, spread + near_0)))
