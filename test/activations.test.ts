/// <reference types="vite/types/importMeta.d.ts" />
import { expect, it } from "vitest";
import { activationRow, HIDDEN_ACTIVATIONS, type HiddenActivation } from "../ts/catalog/activations.js";
import {
  activation,
  batchNorm,
  createNetwork,
  dense,
  gradientCheck,
  gradientDescent,
  Matrix,
} from "../ts/index.js";
import { asInput, difference, type Parameters } from "./golden-parameters.js";
import { REFERENCE_ACTIVATIONS, referenceKept } from "./reference.js";

/** A training run by JAX in float64 (golden/activations/make.py). */
interface Run {
  readonly dims: number[];
  readonly l2: number;
  readonly keepProb: number;
  readonly learningRate: number;
  readonly x: number[][];
  readonly labels: number[];
  /** A mask for each hidden layer of each step. */
  readonly masks: number[][][][];
  readonly parameters: Parameters;
  /** Of the first step. */
  readonly gradients: Parameters;
  readonly losses: number[];
  readonly trained: Parameters;
}

const texts = import.meta.glob<string>("./golden/activations/*.json", {
  query: "?raw",
  import: "default",
  eager: true,
});

function runOf(name: string): Run {
  const text = texts[`./golden/activations/${name}.json`];
  if (text === undefined) throw new Error(`no golden run of ${name}: add it to golden/activations/make.py`);
  return JSON.parse(text);
}

const make = (hiddenActivation: HiddenActivation, { dims }: Run, dtype: "float32" | "float64") =>
  createNetwork({ layerDims: dims, hiddenActivation, outputActivation: "softmax", dtype, threads: 1 });

const BOUNDS = { float64: { gradients: 1e-12, trained: 1e-11 }, float32: { gradients: 2e-6, trained: 2e-5 } };

for (const name of HIDDEN_ACTIVATIONS) {
  it.each(["float64", "float32"] as const)(
    `${name} trains as in JAX, with dropout and L2, in %s`,
    async (dtype) => {
      const run = runOf(name);
      const { l2, keepProb, learningRate, x, labels } = run;
      using network = await make(name, run, dtype);
      network.setParameters(asInput(run.parameters));
      const optimizer = gradientDescent({ learningRate });
      run.masks.forEach((masks, step) => {
        const dropoutMasks = masks.map((mask) => Matrix.from(mask));
        if (step === 0) {
          const { gradients } = network.gradients(x, labels, { l2, keepProb, dropoutMasks });
          expect(difference(gradients, run.gradients)).toBeLessThan(BOUNDS[dtype].gradients);
        }
        const loss = network.trainStep(x, labels, { optimizer, l2, keepProb, dropoutMasks });
        expect(Math.abs(loss - (run.losses[step] ?? Number.NaN))).toBeLessThan(BOUNDS[dtype].trained);
      });
      expect(difference(network.parameters(), run.trained)).toBeLessThan(BOUNDS[dtype].trained);
    },
  );

  it(`${name}'s gradients are the slopes of the loss, with dropout`, async () => {
    const run = runOf(name);
    using network = await make(name, run, "float64");
    network.setParameters(asInput(run.parameters));
    for (const keepProb of [1, 0.7]) {
      const check = gradientCheck(network, run.x, run.labels, { l2: 0.1, keepProb });
      expect(check.ok, check.report()).toBe(true);
      expect(check.relativeError).toBeLessThan(1e-7);
    }
  });

  it(`${name} is in ONNX`, async () => {
    using network = await make(name, runOf(name), "float32");
    expect(network.toOnnx().length).toBeGreaterThan(0);
  });
}

it.each(HIDDEN_ACTIVATIONS)(
  "%s keeps what its row says, by itself too, and in training alone",
  async (name) => {
    const { keeps } = activationRow(name);
    const layers = [dense(5), batchNorm(), activation(name), dense(3, { activation: name }), dense(1)];
    using network = await createNetwork({ inputs: 4, layers, dtype: "float64", threads: 1, seed: 1 });
    network.gradients(
      Array.from({ length: 7 }, (_, i) => wave(i, 4)),
      wave(0, 7),
    );
    const { activations, kept } = network.trainee.layers.trainingMemory(7);
    const isKept = keeps !== undefined;
    expect(kept.map((span) => span !== undefined)).toEqual([false, false, isKept, isKept, false]);
    expect(network.trainee.layers.predictionMemory(7).kept.filter((span) => span !== undefined)).toEqual([]);
    const z = Array.from(activations[1]?.part(0, 35).read() ?? []);
    const expected = keeps === undefined ? z : z.map(referenceKept(REFERENCE_ACTIVATIONS[name]));
    const values = kept[2]?.part(0, 35).read() ?? expected;
    for (const [i, number] of expected.entries()) expect(values[i]).toBeCloseTo(number, 13);
  },
);

const wave = (row: number, length: number) => Array.from({ length }, (_, i) => Math.sin(3 * row + 7 * i));
