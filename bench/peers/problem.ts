/** What a peer is given: a network with its weights, and a data set to train it on. */
export interface Problem {
  readonly layerDims: readonly number[];
  /** W_l (n_l × n_{l−1}, row-major) and b_l. */
  readonly weights: readonly Float32Array[];
  readonly biases: readonly Float32Array[];
  /** examples × n_0, row-major: a whole number of batches. */
  readonly x: Float32Array;
  /** 0 or 1 for each example; of a variant a row of targets. */
  readonly y: Float32Array;
  readonly examples: number;
  readonly batchSize: number;
  readonly optimizer: "adam" | "gradientDescent";
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** What its hidden layers or its loss have besides, as layers.ts names it; without it 0 or 1 is predicted. */
  readonly variant?: string;
}

/** A {@link Problem} as JSON: arrays of numbers are their bytes in base64. */
export type ProblemMessage = {
  readonly [Field in keyof Problem]: Problem[Field] extends Float32Array
    ? string
    : Problem[Field] extends readonly Float32Array[]
      ? readonly string[]
      : Problem[Field];
};

export function toMessage(problem: Problem): ProblemMessage {
  const { x, y, weights, biases, ...sizes } = problem;
  return {
    ...sizes,
    x: encode(x),
    y: encode(y),
    weights: weights.map(encode),
    biases: biases.map(encode),
  };
}

export function fromMessage(message: ProblemMessage): Problem {
  const { x, y, weights, biases, ...sizes } = message;
  return {
    ...sizes,
    x: decode(x),
    y: decode(y),
    weights: weights.map(decode),
    biases: biases.map(decode),
  };
}

function encode(numbers: Float32Array): string {
  return Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength).toString("base64");
}

/** In a page too, which has no Buffer. */
function decode(text: string): Float32Array {
  const characters = atob(text);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  return new Float32Array(bytes.buffer);
}
