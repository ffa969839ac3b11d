/** Numbers between two ends, in words and as a check: what `checkNumber` and a file's reader take behind a value. */
export type Range = readonly [words: string, holds: (value: number) => boolean];

/** α, ε, seconds. */
export const POSITIVE: Range = ["a finite number > 0", (value) => value > 0];

/** λ. */
export const NOT_NEGATIVE: Range = ["a finite number >= 0", (value) => value >= 0];

/** β. */
export const DECAY: Range = ["a number in [0, 1)", (value) => value >= 0 && value < 1];

/** On or off. */
export const SWITCH: Range = ["0 or 1", (value) => value === 0 || value === 1];

/** A probability of keeping a unit. */
export const KEEP_PROB: Range = ["a number in (0, 1]", (value) => value > 0 && value <= 1];

/** A quantile. */
export const BETWEEN_0_AND_1: Range = ["a number in (0, 1)", (value) => value > 0 && value < 1];
