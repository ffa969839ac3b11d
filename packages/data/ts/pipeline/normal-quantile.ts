import { log } from "./elementary.js";

/** Φ⁻¹ is taken of places up to here from either end, where it is ±5.2. */
export const BOUND = 1e-7 - Number.EPSILON;

/** What is nearer than this to the lowest or highest quantile, or beyond, counts as there. */
export const EDGE = 1e-7;

/** Φ⁻¹ of x's place among quantiles that ascend in equal steps of probability, as the core's fitScaling has it. */
export function normalOf(quantiles: readonly number[], x: number): number {
  return normalQuantile(Math.min(Math.max(placeOf(quantiles, x), BOUND), 1 - BOUND));
}

/** The probability at which x stands, linear between two quantiles; of several that are equal to it the middle. */
function placeOf(quantiles: readonly number[], x: number): number {
  const last = quantiles.length - 1;
  const at = (i: number) => quantiles[i] ?? 0;
  if (x - EDGE < at(0)) return 0;
  if (x + EDGE > at(last)) return 1;
  const first = partition(last + 1, (i) => at(i) < x);
  const end = partition(last + 1, (i) => at(i) <= x);
  if (end > first) return (first + end - 1) / 2 / last;
  const [low, high] = [at(first - 1), at(first)];
  return (first - 1 + (x - low) / (high - low)) / last;
}

/** How many of the first indices satisfy a condition that no later one does. */
function partition(count: number, holds: (i: number) => boolean): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Φ⁻¹(p) of p in (0, 1). Source: Wichura 1988, algorithm AS 241, PPND16. */
export function normalQuantile(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= MIDDLE) return q * quotient(CENTRAL, MIDDLE_SQUARE - q * q);
  const z = quotient(TAIL, Math.sqrt(-log(q < 0 ? p : 1 - p)) - TAIL_START);
  return q < 0 ? -z : z;
}

export const MIDDLE = 0.425;
export const MIDDLE_SQUARE = 0.180625;
export const TAIL_START = 1.6;

/** By falling powers, those of the numerator and of the denominator. */
export type Coefficients = readonly [readonly number[], readonly number[]];

function quotient([above, below]: Coefficients, r: number): number {
  const sum = (coefficients: readonly number[]) =>
    coefficients.reduce((total, coefficient) => total * r + coefficient, 0);
  return sum(above) / sum(below);
}

export const CENTRAL: Coefficients = [
  [
    2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946,
    1971.5909503065513, 133.14166789178438, 3.3871328727963665,
  ],
  [
    5226.495278852854, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751,
    687.1870074920579, 42.31333070160091, 1,
  ],
];

export const TAIL: Coefficients = [
  [
    0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684, 3.6478483247632045,
    5.769497221460691, 4.630337846156546, 1.4234371107496835,
  ],
  [
    1.0507500716444169e-9, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008, 0.6897673349851,
    1.6763848301838038, 2.053191626637759, 1,
  ],
];
