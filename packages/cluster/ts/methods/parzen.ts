import { elementary } from "@layerwise/data";
import type { Stream } from "../random/chacha8.js";
import { choiceOf, pointOf, valueAt } from "../study/space.js";
import type { Choices, Parameter, Range, Value } from "../study/study.js";

/** A density over a parameter's values, estimated from some of them. */
export interface Estimate {
  draw(stream: Stream): Value;
  density(value: Value): number;
}

/** A value that was tried, and what it counts. */
export interface Tried {
  readonly value: Value;
  readonly weight: number;
}

/** p(c) ∝ 1 + Σ weights of c */
export function choiceEstimate(parameter: Choices, tried: readonly Tried[]): Estimate {
  const counts = parameter.choices.map(() => 1);
  for (const { value, weight } of tried) {
    const c = choiceOf(parameter, value);
    counts[c] = (counts[c] ?? 0) + weight;
  }
  const sum = counts.reduce((all, count) => all + count, 0);
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

const MIDDLE = 0.5;

/** Kernels at more deviations than these add nothing beside the one over the whole range. */
const FARTHEST = 8;

/** A normal distribution that is cut off at 0 and 1. */
interface Kernel {
  readonly mean: number;
  readonly deviation: number;
  readonly weight: number;
  /** What of it lies in [0, 1]. */
  readonly inside: number;
}

/**
 * A mean of normal distributions cut off at the range's ends: one around each value, as wide as the larger distance to its
 * neighbours, and one over the whole range. Of a single value the range's ends are the neighbours.
 */
export function rangeEstimate(parameter: Parameter & Range, tried: readonly Tried[]): Estimate {
  const points = tried
    .map(({ value, weight }) => ({ point: pointOf(parameter, Number(value)), weight }))
    .sort((a, b) => a.point - b.point || a.weight - b.weight);
  const narrowest = 1 / Math.min(100, 2 + points.length);
  const isAlone = points.length === 1;
  const kernels = [kernel(MIDDLE, 1, 1)];
  points.forEach(({ point, weight }, i) => {
    const before = points[i - 1]?.point ?? (isAlone ? 0 : point);
    const after = points[i + 1]?.point ?? (isAlone ? 1 : point);
    const apart = Math.max(point - before, after - point);
    kernels.push(kernel(point, Math.min(1, Math.max(narrowest, apart)), weight));
  });
  const sum = kernels.reduce((all, { weight }) => all + weight, 0);
  return {
    draw: (stream) => {
      let left = stream.uniform() * sum;
      const chosen = kernels.find(({ weight }) => {
        left -= weight;
        return left < 0;
      });
      return valueAt(parameter, drawInside(chosen ?? kernel(MIDDLE, 1, 1), stream));
    },
    density: (value) => {
      const point = pointOf(parameter, Number(value));
      let density = 0;
      for (const { mean, deviation, weight, inside } of kernels) {
        const z = (point - mean) / deviation;
        if (z > FARTHEST || z < -FARTHEST) continue;
        density += (weight * elementary.exp(-0.5 * z * z)) / (deviation * inside);
      }
      return density / sum;
    },
  };
}

function kernel(mean: number, deviation: number, weight: number): Kernel {
  const inside = normalBelow((1 - mean) / deviation) - normalBelow(-mean / deviation);
  return { mean, deviation, weight, inside };
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
