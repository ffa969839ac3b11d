/** What a model file tells of how the model was trained. */
export interface TrainingSummary {
  /** Rows that it was fitted to, validation rows included. */
  readonly rows: number;
  readonly seed: number;
  readonly networks: readonly NetworkSummary[];
  /** What was inferred, left out and decided. */
  readonly notes: readonly string[];
}

export interface NetworkSummary {
  /** Epochs that were trained, and the one whose weights it has. */
  readonly epochs: number;
  readonly bestEpoch: number;
  /** Loss on the validation rows there; null without validation. */
  readonly validationLoss: number | null;
  readonly stoppedBy: "epochs" | "signal" | "earlyStopping";
}
