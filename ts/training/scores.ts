import type { Floats } from "../engine/memory.js";

/** What {@link Network.evaluate} gives of a network that answers by classes: sigmoid or softmax. */
export interface ClassScores {
  /** The mean loss, without L2's term. */
  readonly loss: number;
  /**
   * The share of units that are on the right side of 1/2 (sigmoid: p > 1/2 is a 1, and 1/2 itself a 0, which Math.round
   * would make a 1) or of examples whose likeliest class is the label (softmax: of classes that are as likely, the first).
   */
  readonly accuracy: number;
}

/** What {@link Network.evaluate} gives of a network that answers by numbers. Of several units each is their mean. */
export interface NumberScores {
  /** The mean loss, without L2's term. */
  readonly loss: number;
  /** √(1/m · Σ (a − y)²), in the unit of y. */
  readonly rootMeanSquaredError: number;
  /** 1/m · Σ |a − y|, in the unit of y. */
  readonly meanAbsoluteError: number;
  /**
   * 1 − Σ (a − y)² / Σ (y − ȳ)², the coefficient of determination: 1 where all answers are right, 0 where they are no
   * better than the mean of y. Where all y are the same, 1 for right answers and 0 for others; of one example NaN.
   */
  readonly r2: number;
}

/** Sums of what answers are off, for each unit; all in float64, from the first example to the last. */
export class Errors {
  readonly #outputs: number;
  readonly #squared: Float64Array;
  readonly #absolute: Float64Array;

  /** @param outputs - of each example */
  constructor(outputs: number) {
    this.#outputs = outputs;
    this.#squared = new Float64Array(outputs);
    this.#absolute = new Float64Array(outputs);
  }

  /** Takes up the answers for the next examples. */
  add(answers: Floats, targets: Floats): void {
    for (let i = 0; i < answers.length; i++) {
      const error = (answers[i] ?? 0) - (targets[i] ?? 0);
      const unit = i % this.#outputs;
      this.#squared[unit] = (this.#squared[unit] ?? 0) + error * error;
      this.#absolute[unit] = (this.#absolute[unit] ?? 0) + Math.abs(error);
    }
  }

  /** @param targets - of all examples that came */
  scores(loss: number, targets: Floats): NumberScores {
    const m = targets.length / this.#outputs;
    const variations = this.#variations(targets, m);
    const r2 = (squared: number, unit: number) => {
      const variation = variations[unit] ?? 0;
      if (m < 2) return Number.NaN;
      if (variation > 0) return 1 - squared / variation;
      return squared > 0 ? 0 : 1;
    };
    return {
      loss,
      rootMeanSquaredError: mean(this.#squared.map((sum) => Math.sqrt(sum / m))),
      meanAbsoluteError: mean(this.#absolute.map((sum) => sum / m)),
      r2: mean(this.#squared.map(r2)),
    };
  }

  /** Σ (y − ȳ)² of each unit. */
  #variations(targets: Floats, m: number): Float64Array {
    const totals = new Float64Array(this.#outputs);
    targets.forEach((y, i) => {
      const unit = i % this.#outputs;
      totals[unit] = (totals[unit] ?? 0) + y;
    });
    const variations = new Float64Array(this.#outputs);
    const varies = new Uint8Array(this.#outputs);
    targets.forEach((y, i) => {
      const unit = i % this.#outputs;
      const off = y - (totals[unit] ?? 0) / m;
      variations[unit] = (variations[unit] ?? 0) + off * off;
      if (y !== targets[unit]) varies[unit] = 1;
    });
    return variations.map((variation, unit) => (varies[unit] === 1 ? variation : 0)); // though their mean be rounded
  }
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
