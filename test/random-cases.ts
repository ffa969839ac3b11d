import type { HiddenActivation, OutputActivation } from "../ts/index.js";
import type { ReferenceLayer } from "./reference.js";

/** Numbers that look random and are the same each time. Source: mulberry32 by Tommy Ettinger. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** In [0, 1). */
  uniform(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** An integer in [0, n). */
  below(n: number): number {
    return Math.floor(this.uniform() * n);
  }

  /** In (−2, 2), mean 0 and variance 2/3. */
  signed(): number {
    return 2 * (this.uniform() - this.uniform());
  }

  rows(count: number, width: number): number[][] {
    return Array.from({ length: count }, () => Array.from({ length: width }, () => this.signed()));
  }
}

/** A network's shape and examples for it. */
export interface RandomCase {
  readonly layerDims: number[];
  readonly hiddenActivation: HiddenActivation;
  readonly outputActivation: OutputActivation;
  readonly parameters: ReferenceLayer[];
  readonly x: number[][];
  /** Numbers of 0 and 1 per unit; one-hot rows for softmax. */
  readonly y: number[][];
}

export interface RandomCaseShape {
  readonly depth: number;
  readonly batch: number;
  readonly hiddenActivation: HiddenActivation;
  readonly outputActivation: OutputActivation;
}

const WIDTHS = [1, 2, 3, 5, 7, 4];

export function randomCase(seed: number, shape: RandomCaseShape, widths = WIDTHS): RandomCase {
  const random = new Random(seed);
  const { depth, batch, hiddenActivation, outputActivation } = shape;
  const layerDims = Array.from({ length: depth + 1 }, () => widths[random.below(widths.length)] ?? 1);
  if (outputActivation === "softmax") layerDims[depth] = 2 + random.below(3);
  const [inputs = 1] = layerDims;
  const outputs = layerDims[depth] ?? 1;
  return {
    layerDims,
    hiddenActivation,
    outputActivation,
    parameters: layerDims.slice(1).map((n, l) => ({
      weights: random.rows(n, layerDims[l] ?? 1),
      biases: random.rows(1, n).flat(),
    })),
    x: random.rows(batch, inputs),
    y: Array.from({ length: batch }, () => {
      if (outputActivation === "linear") return random.rows(1, outputs).flat();
      if (outputActivation === "sigmoid") return Array.from({ length: outputs }, () => random.below(2));
      const label = random.below(outputs);
      return Array.from({ length: outputs }, (_, j) => (j === label ? 1 : 0));
    }),
  };
}

/** A mask (examples × units of 0 and 1) for each hidden layer. */
export function randomMasks(seed: number, layerDims: readonly number[], batch: number, keepProb: number) {
  const random = new Random(seed);
  return layerDims
    .slice(1, -1)
    .map((n) =>
      Array.from({ length: batch }, () =>
        Array.from({ length: n }, () => (random.uniform() < keepProb ? 1 : 0)),
      ),
    );
}
