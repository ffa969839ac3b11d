"""Learning rates of every schedule at every step, by formulas in 50 digits, as JSON beside this file.

They are compared with Optax's and PyTorch's schedules first, where these have the same.
pip install mpmath optax==0.2.8 && python make.py
"""

import json
import pathlib

import jax
import mpmath
import optax

mpmath.mp.dps = 50
jax.config.update("jax_enable_x64", True)
number, STEPS = mpmath.mpf, 260


def half_cosine(a, b, done, length):
    return b + (a - b) * (1 + mpmath.cos(mpmath.pi * done / length)) / 2


def warmed(rate):
    def of(t, *, steps, start, warmup=0, **rest):
        if t < warmup:
            return start * t / warmup
        return rate(t - warmup, steps - warmup, start, **rest)
    return of


@warmed
def cosine(t, length, start, to=0, restarts=0, lengthFactor=1, peakFactor=1):
    for k in range(restarts + 1):
        if t < length:
            return half_cosine(start * number(peakFactor) ** k, number(to), t, length)
        t, length = t - length, length * lengthFactor
    return number(to)


@warmed
def polynomial(t, length, start, to=0, power=1):
    if t >= length:
        return number(to)
    return to + (start - to) * (1 - number(t) / length) ** number(power)


def exponential(t, *, steps, start, factor):
    return start * number(factor) ** (number(t) / steps)


def step(t, *, steps, start, factor=0.1):
    return start * number(factor) ** (t // steps)


def one_cycle(t, *, steps, peak, start, to, rise=0.3):
    up = round(rise * steps)
    if t < up:
        return half_cosine(start, number(peak), t, up)
    return half_cosine(number(peak), number(to), t - up, steps - up) if t < steps else number(to)


def piecewise(t, *, steps, rates):
    return number(rates[sum(t >= boundary for boundary in steps)])


FORMULAS = {
    "cosine": cosine, "polynomial": polynomial, "exponential": exponential,
    "step": step, "oneCycle": one_cycle, "piecewise": piecewise,
}

CASES = [
    ({"type": "cosine", "from": 0.1, "steps": 200}, optax.cosine_decay_schedule(0.1, 200)),
    ({"type": "cosine", "from": 0.1, "to": 0.003, "warmup": 17, "steps": 200},
     optax.warmup_cosine_decay_schedule(0.0, 0.1, 17, 200, 0.003)),
    ({"type": "cosine", "from": 0.1, "to": 1e-4, "warmup": 7, "restarts": 3, "lengthFactor": 2,
      "peakFactor": 0.7, "steps": 27}, None),
    ({"type": "cosine", "from": 0.1, "restarts": 4, "steps": 33},
     optax.sgdr_schedule([dict(init_value=0.1, peak_value=0.1, decay_steps=33, warmup_steps=0)] * 5)),
    ({"type": "polynomial", "from": 0.3, "steps": 190}, optax.linear_schedule(0.3, 0.0, 190)),
    ({"type": "polynomial", "from": 0.3, "to": 0.01, "power": 2.5, "warmup": 40, "steps": 190}, None),
    ({"type": "polynomial", "from": 0.01, "to": 0.3, "power": 0.5, "steps": 190},
     optax.polynomial_schedule(0.01, 0.3, 0.5, 190)),
    ({"type": "exponential", "from": 0.02, "factor": 0.96, "steps": 13},
     optax.exponential_decay(0.02, 13, 0.96)),
    ({"type": "step", "from": 0.02, "factor": 0.3, "steps": 50},
     optax.exponential_decay(0.02, 50, 0.3, staircase=True)),
    ({"type": "oneCycle", "peak": 0.4, "steps": 210}, optax.cosine_onecycle_schedule(210, 0.4)),
    ({"type": "oneCycle", "peak": 0.4, "from": 0.1, "to": 0.2, "rise": 0.45, "steps": 240}, None),
    ({"type": "piecewise", "rates": [0.1, 0.01, 0.05], "steps": [30, 100]},
     optax.piecewise_constant_schedule(0.1, {30: 0.1, 100: 5.0})),
]


def rates(case, peer):
    options = dict(case)
    formula = FORMULAS[options.pop("type")]
    start = options.pop("from", None)
    if case["type"] == "oneCycle":
        start = number(case["peak"]) / 25 if start is None else start
        options.setdefault("to", start / 10000)
    if start is not None:
        options["start"] = number(start)
    result = [float(formula(t, **options)) for t in range(STEPS)]
    if peer is not None:
        worst = max(abs(float(peer(t)) - rate) for t, rate in enumerate(result))
        assert worst < 1e-8, (case, worst)  # Optax's have boundaries and powers of float32
    return {"schedule": case, "rates": result}


path = pathlib.Path(__file__).parent / "rates.json"
path.write_text(json.dumps([rates(*case) for case in CASES]) + "\n")
