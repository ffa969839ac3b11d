import { POSITIVE } from "../catalog/ranges.js";
import type { Dtype } from "../config/dtype.js";
import { checkNumber, checkOptions } from "../config/validation.js";
import { ConfigError } from "../errors/errors.js";

/** How gradients are made smaller before an update; one of the two, or both. */
export interface ClipOptions {
  /**
   * c > 0: g ← g · min(1, c/‖g‖), ‖g‖ being the norm of all gradients of the network together, L2's term included.
   * Where ‖g‖ is at most c, no bit changes.
   */
  readonly norm?: number;
  /** c > 0: every single gradient is cut to [−c, c]. Before the norm is taken, if both are given. */
  readonly value?: number;
}

/** The same, checked; 0 where there is no limit. */
export interface Clip {
  readonly norm: number;
  readonly value: number;
}

export const CLIP_LIMITS = ["norm", "value"] as const satisfies readonly (keyof Clip)[];

export const NO_CLIP: Clip = Object.freeze({ norm: 0, value: 0 });

/** Of each dtype: a smaller limit would be rounded to 0, or coarsely. */
const SMALLEST_NORMAL: Record<Dtype, number> = { float32: 2 ** -126, float64: 2 ** -1022 };

/** The clipping that an option asks for. Raises ConfigError. */
export function resolveClip(options: ClipOptions | undefined): Clip {
  if (options === undefined) return NO_CLIP;
  checkOptions("clip", "clip", options);
  const { norm, value } = options;
  if (norm === undefined && value === undefined) {
    throw new ConfigError("clip", "a limit: { norm }, { value } or both", "none");
  }
  return {
    norm: norm === undefined ? 0 : checkNumber("clip.norm", norm, ...POSITIVE),
    value: value === undefined ? 0 : checkNumber("clip.value", value, ...POSITIVE),
  };
}

/** Raises ConfigError for a limit that can't be computed with in `dtype`. */
export function checkClipFits(clip: Clip, dtype: Dtype): void {
  const smallest = SMALLEST_NORMAL[dtype];
  const range = `a number from ${smallest.toExponential(1)} in ${dtype}`;
  for (const name of CLIP_LIMITS) {
    if (clip[name] > 0) checkNumber(`clip.${name}`, clip[name], range, (limit) => limit >= smallest);
  }
}

/** The largest gradient that may be left; ∞ without clipping. */
export function largestClipped({ norm, value }: Clip): number {
  return Math.min(norm || Number.POSITIVE_INFINITY, value || Number.POSITIVE_INFINITY);
}
