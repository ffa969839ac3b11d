import { Stream } from "../random/chacha8.js";
import { configurationOf, valueAt } from "../study/space.js";
import type { Configuration, Space } from "../study/study.js";
import { MOST_DIMENSIONS, sobolPoint } from "./sobol.js";

/** How new configurations are drawn without looking at results. */
export type Sampler = "random" | "sobol" | "halton";

/** Configuration k of a sampler: a function of space, seed and k alone. */
export function sample(sampler: Sampler, space: Space, seed: number, k: number): Configuration {
  if (sampler === "random") {
    const stream = new Stream(seed, k);
    const u = Object.keys(space).map(() => stream.uniform());
    return configurationOf(space, (parameter, place) => valueAt(parameter, u[place] ?? 0));
  }
  const shifts = new Stream(seed, 0, sampler === "sobol" ? 1 : 2);
  const u = Object.keys(space).map((_, d) => {
    if (sampler === "sobol") return ((sobolPoint(d, k) ^ shifts.word()) >>> 0) / 2 ** 32;
    const shifted = haltonPoint(d, k) + shifts.uniform();
    return shifted >= 1 ? shifted - 1 : shifted;
  });
  return configurationOf(space, (parameter, place) => valueAt(parameter, u[place] ?? 0));
}

/** The sampler that a search begins with: Sobol's points, or random ones in more dimensions than these have. */
export function startSampler(space: Space): Sampler {
  return Object.keys(space).length <= MOST_DIMENSIONS ? "sobol" : "random";
}

const PRIMES = [
  2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103,
  107, 109, 113, 127, 131,
] as const;

export const MOST_HALTON_DIMENSIONS = PRIMES.length;

/**
 * Coordinate d of point k of Halton's sequence (1960): the digits of k in the base of prime d, mirrored at the point. A search
 * shifts all points by the same random amount (Cranley & Patterson 1976).
 */
export function haltonPoint(d: number, k: number): number {
  const base = PRIMES[d] ?? 2;
  let [x, unit] = [0, 1 / base];
  for (let rest = k; rest > 0; rest = Math.floor(rest / base)) {
    x += (rest % base) * unit;
    unit /= base;
  }
  return x;
}
