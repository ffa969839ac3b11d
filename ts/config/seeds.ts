/**
 * What the random streams are keyed with, apart from epoch, step and layer (crate/src/random.rs).
 * One seed governs all three in a network; the notebook's model gives each its own.
 */
export interface Seeds {
  readonly initialization: number;
  readonly shuffle: number;
  readonly dropout: number;
}

/** A position in a network's training: the epoch (0 before the first), and the steps taken in it. */
export interface Position {
  readonly epoch: number;
  readonly step: number;
}

export function oneSeed(seed: number): Seeds {
  return Object.freeze({ initialization: seed, shuffle: seed, dropout: seed });
}
