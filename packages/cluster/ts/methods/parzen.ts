import { elementary } from "@layerwise/data";
import type { Stream } from "../random/chacha8.js";
import { choiceOf, pointOf, valueAt } from "../study/space.js";
import type { Choices, Parameter, Range, Value } from "../study/study.js";

/** A density over a parameter's values, estimated from some of them. */
export interface Estimate {
  draw(stream: Stream): Value;
  density(value: Value): number;
}

/** p(c) ∝ count of c + 1 */
export function choiceEstimate(parameter: Choices, values: readonly Value[]): Estimate {
  const counts = parameter.choices.map(() => 1);
  for (const value of values) {
    const c = choiceOf(parameter, value);
    counts[c] = (counts[c] ?? 0) + 1;
  }
  const sum = values.length + counts.length;
  return {
    draw: (stream) => {
      let left = stream.uniform() * sum;
      const c = counts.findIndex((count) => {
        left -= count;
        return left < 0;
      });
      return parameter.choices[c < 0 ? counts.length - 1 : c] ?? null;
    },
    density: (value) => (counts[choiceOf(parameter, value)] ?? 0) / sum,
  };
}

/** A normal distribution that is cut off at 0 and 1. */
interface Kernel {
  readonly mean: number;
  readonly deviation: number;
  /** What of it lies in [0, 1]. */
  readonly inside: number;
}

/**
 * The mean of normal distributions cut off at the range's ends: one around each value, as wide as the larger distance to its
 * neighbours, and one over the whole range.
 */
export function rangeEstimate(parameter: Parameter & Range, values: readonly Value[]): Estimate {
  const points = values.map((value) => pointOf(parameter, Number(value))).sort((a, b) => a - b);
  const narrowest = 1 / Math.min(100, 1 + points.length);
  const kernels = [kernel(0.5, 1)];
  points.forEach((point, i) => {
    const apart = Math.max(point - (points[i - 1] ?? 0), (points[i + 1] ?? 1) - point);
    kernels.push(kernel(point, Math.min(1, Math.max(narrowest, apart))));
  });
  return {
    draw: (stream) => {
      const chosen = kernels[Math.floor(stream.uniform() * kernels.length)] ?? kernel(0.5, 1);
      return valueAt(parameter, drawInside(chosen, stream));
    },
    density: (value) => {
      const point = pointOf(parameter, Number(value));
      let sum = 0;
      for (const { mean, deviation, inside } of kernels) {
        const z = (point - mean) / deviation;
        sum += elementary.exp(-0.5 * z * z) / (deviation * inside);
      }
      return sum / kernels.length;
    },
  };
}

function kernel(mean: number, deviation: number): Kernel {
  const inside = normalBelow((1 - mean) / deviation) - normalBelow(-mean / deviation);
  return { mean, deviation, inside };
}

/** Normal numbers by Box & Muller (1958) until one lies inside: a third of them at least do. */
function drawInside({ mean, deviation }: Kernel, stream: Stream): number {
  for (;;) {
    const radius = Math.sqrt(-2 * elementary.log(1 - stream.uniform()));
    const [sine, cosine] = elementary.onCircle(stream.uniform());
    for (const part of [sine, cosine]) {
      const point = mean + deviation * radius * part;
      if (point >= 0 && point < 1) return point;
    }
  }
}

/**
 * Φ(z), to some 1e-15: 1/2 + φ(z)·(z + z³/3 + z⁵/(3·5) + …) (Marsaglia 2004). By sums, products and quotients alone.
 */
export function normalBelow(z: number): number {
  if (z < -9) return 0;
  if (z > 9) return 1;
  let [sum, term] = [z, z];
  for (let n = 3; sum + term !== sum && n < 1000; n += 2) {
    term = (term * z * z) / n;
    sum += term;
  }
  return 0.5 + sum * elementary.exp(-0.5 * z * z) * INVERSE_ROOT_OF_2_PI;
}

const INVERSE_ROOT_OF_2_PI = 0.3989422804014327;
