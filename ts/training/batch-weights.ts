import type { Examples } from "../data/examples.js";
import { ShapeError } from "../errors/errors.js";
import type { Place } from "./read-batch.js";

/** What the examples of data that are read weigh: as their batches say, times the weights of their classes. */
export class BatchWeights {
  /** Of each class, where they count. */
  #ofClasses: readonly number[] | undefined;
  /** Whether batches come with weights: as the first one did. */
  #areGiven: boolean | undefined;

  /** Examples that are read from here on weigh so much more by their classes. */
  byClass(weights: readonly number[]): void {
    this.#ofClasses = weights;
  }

  /** The examples of a batch with their weights. Raises ShapeError where it has some and others have none, or the reverse. */
  weighed(examples: Examples, { words }: Place): Examples {
    const { weights, m, labels } = examples;
    const isGiven = weights !== undefined;
    this.#areGiven ??= isGiven;
    if (isGiven !== this.#areGiven) {
      const expected = isGiven
        ? "none, as the batches before"
        : `${m} weights, since the batches before have some`;
      throw new ShapeError(`${words}, sampleWeight`, expected, isGiven ? `${m} weights` : "undefined");
    }
    const ofClasses = this.#ofClasses;
    if (ofClasses === undefined) return examples;
    const weighed = Float64Array.from(
      { length: m },
      (_, i) => (weights?.[i] ?? 1) * (ofClasses[labels[i] ?? 0] ?? 0),
    );
    return { ...examples, weights: weighed };
  }
}
