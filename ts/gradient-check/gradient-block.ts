/** One parameter's derivative, both ways. */
export interface GradientEntry {
  /** Such as `W2[3][0]` or `b1[4]`. */
  readonly name: string;
  /** By backward propagation. */
  readonly analytic: number;
  /** By central difference. */
  readonly numeric: number;
  /** |a − n| / (|a| + |n|); 0 where both are 0. */
  readonly relativeError: number;
  /** How far the parameter was moved, either way. */
  readonly step: number;
  /** How far off n may be itself, by rounding above all. 0 where n agreed at once, and nobody asked. */
  readonly uncertainty: number;
}

/** The comparison for one W_l or b_l. */
export interface GradientBlock {
  /** Such as `W2` or `b1`. */
  readonly name: string;
  /** ‖a − n‖ / (‖a‖ + ‖n‖) over the entries that were compared; 0 where both norms are 0. */
  readonly relativeError: number;
  /** Entries compared. */
  readonly compared: number;
  /** Entries passed over, since a probe took a unit's input across a kink of its activation, as 0 is relu's. */
  readonly rejected: number;
  /** Entries among those compared that differ by more than they may, but by no more than n's own uncertainty. */
  readonly unresolved: number;
  /** The entry that is furthest off, unless all were rejected. */
  readonly worst: GradientEntry | undefined;
  /** Not wrong. */
  readonly ok: boolean;
  /** `"rounding limit"`: the block's error is above the threshold, and within what its numbers n are off themselves. */
  readonly verdict: "ok" | "rounding limit" | "wrong" | "nothing to compare";
}
