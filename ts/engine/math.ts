import { ConfigError, describe } from "../errors/errors.js";

/**
 * `"exact"`: every product and every sum is rounded by itself, to the same bits everywhere. `"fast"`: an engine may round the
 * products of matrices and their sums together (fused multiply-add).
 */
export type MathName = "exact" | "fast";

/** Checks the option `math`; undefined is "exact". Raises ConfigError. */
export function checkMath(math: unknown): MathName {
  if (math === undefined || math === "exact") return "exact";
  if (math === "fast") return math;
  throw new ConfigError("math", '"exact" or "fast"', describe(math));
}
