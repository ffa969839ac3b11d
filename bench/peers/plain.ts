// The same network in plain TypeScript, as a careful programmer writes it without WebAssembly: flat typed
// arrays made once, loops that run along memory and take four rows at a time. What Layerwise gains over this
// is what WebAssembly and its 128-bit vectors gain.

import type { Trainer } from "./answering.js";
import { batchesOf, type Examples as ExamplesOf, shuffle } from "./batches.js";
import type { Problem } from "./problem.js";
import { serve } from "./serve.js";

interface Layer {
  readonly inputs: number;
  readonly outputs: number;
  readonly w: Float64Array;
  readonly b: Float64Array;
  readonly dw: Float64Array;
  readonly db: Float64Array;
  /** Moments of Adam. */
  readonly vw: Float64Array;
  readonly sw: Float64Array;
  readonly vb: Float64Array;
  readonly sb: Float64Array;
  /** Activations (the last layer's are logits) and the loss's gradient by them, of one batch. */
  readonly a: Float64Array;
  readonly dz: Float64Array;
}

type Examples = ExamplesOf<Float64Array>;

class PlainNetwork implements Trainer {
  readonly #problem: Problem;
  readonly #layers: readonly Layer[];
  readonly #inOrder: Generator<Examples, never>;
  readonly #shuffled: Generator<Examples, never>;
  #steps = 0;

  constructor(problem: Problem) {
    this.#problem = problem;
    const { layerDims, batchSize, weights, biases } = problem;
    this.#layers = weights.map((initial, i) => {
      const [inputs, outputs] = [layerDims[i] ?? 0, layerDims[i + 1] ?? 0];
      const ofWeights = () => new Float64Array(inputs * outputs);
      const ofBiases = () => new Float64Array(outputs);
      return {
        inputs,
        outputs,
        w: Float64Array.from(initial),
        b: Float64Array.from(biases[i] ?? []),
        ...{ dw: ofWeights(), vw: ofWeights(), sw: ofWeights() },
        ...{ db: ofBiases(), vb: ofBiases(), sb: ofBiases() },
        a: new Float64Array(batchSize * outputs),
        dz: new Float64Array(batchSize * outputs),
      };
    });
    this.#inOrder = batchesOf(problem, batchSize, Float64Array);
    this.#shuffled = batchesOf(problem, batchSize, Float64Array, shuffle);
  }

  check(steps: number) {
    return { losses: Array.from({ length: steps }, () => this.#step(this.#inOrder.next().value)) };
  }

  train(steps: number): void {
    for (let i = 0; i < steps; i++) this.#step(this.#shuffled.next().value);
  }

  #step({ x, y }: Examples): number {
    const rows = this.#problem.batchSize;
    this.#forward(x, rows);
    const loss = this.#loss(y, rows);
    this.#backward(x, rows);
    this.#steps += 1;
    this.#update();
    return loss;
  }

  #forward(features: Float64Array, rows: number): void {
    let x = features;
    this.#layers.forEach((layer, i) => {
      linear(layer.a, x, layer, rows);
      if (i < this.#layers.length - 1) relu(layer.a);
      x = layer.a;
    });
  }

  /** Binary cross-entropy from logits; dZ_L ← (σ(Z) − Y)/m. */
  #loss(y: Float64Array, rows: number): number {
    const last = this.#layers.at(-1);
    if (last === undefined) return 0;
    let sum = 0;
    for (let i = 0; i < rows; i++) {
      const z = last.a[i] ?? 0;
      const label = y[i] ?? 0;
      sum += Math.max(z, 0) - z * label + Math.log1p(Math.exp(-Math.abs(z)));
      last.dz[i] = (1 / (1 + Math.exp(-z)) - label) / rows;
    }
    return sum / rows;
  }

  #backward(features: Float64Array, rows: number): void {
    for (let l = this.#layers.length - 1; l >= 0; l--) {
      const layer = this.#layers[l];
      const before = this.#layers[l - 1];
      if (layer === undefined) continue;
      weightGradients(layer, before?.a ?? features, rows);
      if (before !== undefined) inputGradients(before.dz, before.a, layer, rows);
    }
  }

  #update(): void {
    const { optimizer, learningRate, beta1, beta2, epsilon } = this.#problem;
    if (optimizer === "gradientDescent") {
      for (const { w, b, dw, db } of this.#layers) {
        descend(w, dw, learningRate);
        descend(b, db, learningRate);
      }
      return;
    }
    const correction1 = 1 - beta1 ** this.#steps;
    const correction2 = 1 - beta2 ** this.#steps;
    const adam = (w: Float64Array, v: Float64Array, s: Float64Array, g: Float64Array) => {
      for (let i = 0; i < w.length; i++) {
        const gradient = g[i] ?? 0;
        const first = beta1 * (v[i] ?? 0) + (1 - beta1) * gradient;
        const second = beta2 * (s[i] ?? 0) + (1 - beta2) * gradient * gradient;
        v[i] = first;
        s[i] = second;
        const step = (learningRate * (first / correction1)) / (Math.sqrt(second / correction2) + epsilon);
        w[i] = (w[i] ?? 0) - step;
      }
    };
    for (const { w, b, dw, db, vw, sw, vb, sb } of this.#layers) {
      adam(w, vw, sw, dw);
      adam(b, vb, sb, db);
    }
  }
}

/** Z ← X·Wᵀ + b */
function linear(z: Float64Array, x: Float64Array, { w, b, inputs, outputs }: Layer, rows: number): void {
  for (let i = 0; i < rows; i++) {
    const xi = i * inputs;
    let j = 0;
    for (; j + 4 <= outputs; j += 4) {
      const w0 = j * inputs;
      const w1 = w0 + inputs;
      const w2 = w1 + inputs;
      const w3 = w2 + inputs;
      let z0 = b[j] ?? 0;
      let z1 = b[j + 1] ?? 0;
      let z2 = b[j + 2] ?? 0;
      let z3 = b[j + 3] ?? 0;
      for (let k = 0; k < inputs; k++) {
        const value = x[xi + k] ?? 0;
        z0 += value * (w[w0 + k] ?? 0);
        z1 += value * (w[w1 + k] ?? 0);
        z2 += value * (w[w2 + k] ?? 0);
        z3 += value * (w[w3 + k] ?? 0);
      }
      const zi = i * outputs + j;
      z[zi] = z0;
      z[zi + 1] = z1;
      z[zi + 2] = z2;
      z[zi + 3] = z3;
    }
    for (; j < outputs; j++) {
      let sum = b[j] ?? 0;
      for (let k = 0; k < inputs; k++) sum += (x[xi + k] ?? 0) * (w[j * inputs + k] ?? 0);
      z[i * outputs + j] = sum;
    }
  }
}

function relu(a: Float64Array): void {
  for (let i = 0; i < a.length; i++) if ((a[i] ?? 0) < 0) a[i] = 0;
}

/** dW ← dZᵀ·X, db ← column sums of dZ */
function weightGradients({ dw, db, dz, inputs, outputs }: Layer, x: Float64Array, rows: number): void {
  for (let j = 0; j < outputs; j++) {
    const wj = j * inputs;
    dw.fill(0, wj, wj + inputs);
    let sum = 0;
    let i = 0;
    for (; i + 4 <= rows; i += 4) {
      const d0 = dz[i * outputs + j] ?? 0;
      const d1 = dz[(i + 1) * outputs + j] ?? 0;
      const d2 = dz[(i + 2) * outputs + j] ?? 0;
      const d3 = dz[(i + 3) * outputs + j] ?? 0;
      const x0 = i * inputs;
      const x1 = x0 + inputs;
      const x2 = x1 + inputs;
      const x3 = x2 + inputs;
      for (let k = 0; k < inputs; k++) {
        const pair0 = d0 * (x[x0 + k] ?? 0) + d1 * (x[x1 + k] ?? 0);
        const pair1 = d2 * (x[x2 + k] ?? 0) + d3 * (x[x3 + k] ?? 0);
        dw[wj + k] = (dw[wj + k] ?? 0) + pair0 + pair1;
      }
      sum += d0 + d1 + d2 + d3;
    }
    for (; i < rows; i++) {
      const d = dz[i * outputs + j] ?? 0;
      for (let k = 0; k < inputs; k++) dw[wj + k] = (dw[wj + k] ?? 0) + d * (x[i * inputs + k] ?? 0);
      sum += d;
    }
    db[j] = sum;
  }
}

/** dX ← (dZ·W) ⊙ relu'(X) */
function inputGradients(
  dx: Float64Array,
  x: Float64Array,
  { w, dz, inputs, outputs }: Layer,
  rows: number,
): void {
  for (let i = 0; i < rows; i++) {
    const xi = i * inputs;
    dx.fill(0, xi, xi + inputs);
    let j = 0;
    for (; j + 4 <= outputs; j += 4) {
      const di = i * outputs + j;
      const d0 = dz[di] ?? 0;
      const d1 = dz[di + 1] ?? 0;
      const d2 = dz[di + 2] ?? 0;
      const d3 = dz[di + 3] ?? 0;
      const w0 = j * inputs;
      const w1 = w0 + inputs;
      const w2 = w1 + inputs;
      const w3 = w2 + inputs;
      for (let k = 0; k < inputs; k++) {
        const pair0 = d0 * (w[w0 + k] ?? 0) + d1 * (w[w1 + k] ?? 0);
        const pair1 = d2 * (w[w2 + k] ?? 0) + d3 * (w[w3 + k] ?? 0);
        dx[xi + k] = (dx[xi + k] ?? 0) + pair0 + pair1;
      }
    }
    for (; j < outputs; j++) {
      const d = dz[i * outputs + j] ?? 0;
      for (let k = 0; k < inputs; k++) dx[xi + k] = (dx[xi + k] ?? 0) + d * (w[j * inputs + k] ?? 0);
    }
    for (let k = xi; k < xi + inputs; k++) if (!((x[k] ?? 0) > 0)) dx[k] = 0;
  }
}

function descend(w: Float64Array, g: Float64Array, learningRate: number): void {
  for (let i = 0; i < w.length; i++) w[i] = (w[i] ?? 0) - learningRate * (g[i] ?? 0);
}

// Float64Array: JavaScript computes in float64, and turning float32 back and forth costs more than its
// smaller size gains.
await serve(
  { version: `V8 ${process.versions.v8}`, dtype: "float64", threads: 1 },
  (problem) => new PlainNetwork(problem),
);
