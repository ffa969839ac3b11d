import type { ComputeOptions } from "layerwise";

/** Options that say what computes a network, by the core's names. */
export const COMPUTE_NAMES = [
  "engine",
  "threads",
  "math",
] as const satisfies readonly (keyof ComputeOptions)[];

/** Those that are given; the core checks them. */
export function computeOf({ engine, threads, math }: ComputeOptions): ComputeOptions {
  return {
    ...(engine !== undefined && { engine }),
    ...(threads !== undefined && { threads }),
    ...(math !== undefined && { math }),
  };
}
