/** One training job that the benchmark times. All are float32 unless a suite says otherwise. */
export interface Work {
  readonly name: string;
  readonly layerDims: readonly number[];
  readonly batchSize: number;
  /** Examples of the resident data set: a whole number of batches. */
  readonly examples: number;
  readonly optimizer: "adam" | "gradientDescent";
  readonly learningRate: number;
}

/** β₁, β₂ and ε of Adam, for Layerwise and all peers alike. */
export const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

const adam = { optimizer: "adam", learningRate: 1e-3 } as const;
/** At 1e-3 the first losses of so wide a network leap up and down. */
const slowAdam = { ...adam, learningRate: 1e-4 } as const;

export const WORKS: readonly Work[] = [
  {
    name: "cat", // the notebook's: 209 pictures of 64×64×3, batch gradient descent
    layerDims: [12288, 20, 7, 5, 1],
    batchSize: 209,
    examples: 209,
    optimizer: "gradientDescent",
    learningRate: 0.0075,
  },
  { name: "tabular", layerDims: [30, 16, 8, 1], batchSize: 32, examples: 4096, ...adam },
  { name: "mnist", layerDims: [784, 128, 64, 1], batchSize: 128, examples: 8192, ...adam },
  { name: "wide", layerDims: [1024, 1024, 1024, 1], batchSize: 512, examples: 1024, ...slowAdam },
];

/** Updates that one pass over the data set takes. */
export function stepsPerPass(work: Work): number {
  return work.examples / work.batchSize;
}

/**
 * Floating-point operations of a training step, an example: 2·n_in·n_out for each of X·Wᵀ, dZᵀ·X and dZ·W,
 * the last of which the first layer does without. Biases, activations and the update are not counted.
 */
export function flopsPerExample({ layerDims }: Pick<Work, "layerDims">): number {
  return layerDims.slice(1).reduce((flops, outputs, i) => {
    const inputs = layerDims[i] ?? 0;
    return flops + (i === 0 ? 4 : 6) * inputs * outputs;
  }, 0);
}

/** "[784,128,64,1], batch 128, adam" */
export function describeWork({ layerDims, batchSize, optimizer }: Work): string {
  const update = optimizer === "adam" ? "Adam" : "gradient descent";
  return `[${layerDims}], batch ${batchSize}, ${update}`;
}
