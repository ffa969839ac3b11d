/** What one training came to. All but `run` is the same wherever and however often it is run. */
export type TrialResult = TrialDone | TrialFailed;

export interface TrialDone {
  readonly key: string;
  readonly state: "done";
  /** The metric of the evaluation rows; without such rows the best validation loss. */
  readonly value: number;
  /** Other metrics of these rows. */
  readonly scores: Readonly<Record<string, number>>;
  /** Epochs that were trained in all, earlier rungs included, and the one whose weights were kept. */
  readonly epochs: number;
  readonly bestEpoch: number;
  /** [epoch, training loss, validation loss]: at most 32 of the epochs, to six digits. */
  readonly curve: readonly (readonly [epoch: number, loss: number, validation: number | null])[];
  /** SHA-256 of the model file. */
  readonly model: string;
  readonly run: RunFacts;
}

/** A training that can't be: it would fail anywhere. What befalls a worker is no result. */
export interface TrialFailed {
  readonly key: string;
  readonly state: "failed";
  readonly error: { readonly name: string; readonly message: string };
  readonly run: RunFacts;
}

/** Of this very run: never compared. */
export interface RunFacts {
  /** Who ran it: host and process. */
  readonly worker: string;
  readonly seconds: number;
}

/** How far a training is. */
export interface TrialProgress {
  readonly epoch: number;
  readonly epochs: number;
  readonly loss: number;
}
