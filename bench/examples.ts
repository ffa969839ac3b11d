import { type Dtype, Matrix } from "layerwise";
import type { Work } from "./works.js";

/** A data set: rows of x, and 0 or 1 for each. */
export interface Examples {
  readonly x: Matrix;
  readonly y: Matrix;
}

/** The share of labels that are turned round, so that no network can learn the set by heart. */
const NOISE = 0.1;

/**
 * Standard normal features, and labels by a random plane through them, a tenth of them wrong: losses stay
 * away from 0 and gradients from subnormal numbers however long the benchmark trains. The same at every run.
 */
export function makeExamples({ layerDims, examples }: Work, dtype: Dtype): Examples {
  const inputs = layerDims[0] ?? 0;
  const random = mulberry32(1);
  const floats = (length: number) => new (dtype === "float32" ? Float32Array : Float64Array)(length);
  const plane = fillNormal(floats(inputs), random);
  const x = fillNormal(floats(examples * inputs), random);
  const y = floats(examples);
  for (let i = 0; i < examples; i++) {
    let side = 0;
    for (let j = 0; j < inputs; j++) side += (plane[j] ?? 0) * (x[i * inputs + j] ?? 0);
    const wrong = random() < NOISE;
    y[i] = side > 0 !== wrong ? 1 : 0;
  }
  return { x: new Matrix(x, examples, inputs), y: new Matrix(y, examples, 1) };
}

/** The batches of a data set, in its order; no copies. */
export function batchesOf({ x, y }: Examples, size: number): Examples[] {
  return Array.from({ length: x.rows / size }, (_, i) => ({
    x: new Matrix(x.data.subarray(i * size * x.cols, (i + 1) * size * x.cols), size, x.cols),
    y: new Matrix(y.data.subarray(i * size, (i + 1) * size), size, 1),
  }));
}

/** Box and Muller's standard normal numbers, rounded to float32 so that every dtype sees the same ones. */
function fillNormal<Floats extends Float32Array | Float64Array>(to: Floats, random: () => number): Floats {
  for (let i = 0; i < to.length; i++) {
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    to[i] = Math.fround(radius * Math.cos(2 * Math.PI * random()));
  }
  return to;
}

/** Tommy Ettinger's generator of 32 bits; numbers in [0, 1). */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}
