/// <reference types="vite/types/importMeta.d.ts" />
import { describe, expect, it } from "vitest";
import {
  adam,
  createNetwork,
  gradientCheck,
  gradientDescent,
  type LayerInput,
  type Loss,
  Matrix,
  type NormParameters,
} from "../../ts/index.js";
import { expectSlopes, numbersOf } from "./networks.js";

/** W and b, or scale and shift, of each layer that has any. */
type Parameters = readonly (readonly [number[][] | number[], number[]])[];

/** A training run by PyTorch in float64 (golden/layers/make.py). */
interface Run {
  readonly inputs: number;
  readonly layers: LayerInput[];
  readonly loss: Loss;
  readonly optimizer: "adam" | "gradientDescent";
  readonly hyperparameters: { readonly learningRate: number; readonly epsilon?: number };
  readonly l2: number;
  readonly x: number[][];
  readonly targets: number[] | number[][];
  /** A mask for each dropout of each step. */
  readonly masks: number[][][][];
  readonly parameters: Parameters;
  /** Of the first step. */
  readonly gradients: Parameters;
  readonly losses: number[];
  readonly trained: Parameters;
  /** Mean and variance of each batchNorm after training. */
  readonly running: [number[], number[]][];
  readonly predictions: number[][];
}

const texts = import.meta.glob<string>("../golden/layers/*.json", {
  query: "?raw",
  import: "default",
  eager: true,
});
const runs = Object.entries(texts).map(([path, text]): [string, Run] => [
  path.replace(/^.*\/|\.json$/g, ""),
  JSON.parse(text),
]);

const RULES = { adam, gradientDescent };

/** Those of float32 are some hundred roundings, of 6e-8 each, through ten steps. */
const BOUNDS = {
  float64: { gradients: 1e-12, losses: 1e-9, trained: 1e-9 },
  float32: { gradients: 1e-5, losses: 1e-4, trained: 1e-3 },
};

function isMatrix(numbers: number[][] | number[]): numbers is number[][] {
  return Array.isArray(numbers[0]);
}

/** Running statistics as a new network has them. */
const asInput = (parameters: Parameters) =>
  parameters.map(([first, second]) => {
    if (isMatrix(first)) return { weights: first, biases: second };
    const [runningMean, runningVariance] = [first.map(() => 0), first.map(() => 1)];
    return { scale: first, shift: second, runningMean, runningVariance };
  });

/** The largest difference, of each number's size or 1. */
function difference(got: ArrayLike<number>, expected: readonly number[]): number {
  if (got.length !== expected.length) return Number.POSITIVE_INFINITY;
  const errors = expected.map(
    (value, i) => Math.abs((got[i] ?? Number.NaN) - value) / Math.max(1, Math.abs(value)),
  );
  return errors.reduce((most, error) => (error <= most ? most : error), 0);
}

const make = ({ inputs, layers, loss }: Run, dtype: "float32" | "float64") =>
  createNetwork({ inputs, layers, loss, dtype, threads: 1 });

describe.each(runs)("%s", (_, run) => {
  const { x, targets, l2, hyperparameters, masks: steps } = run;

  it.each(["float64", "float32"] as const)("trains as in PyTorch, in %s", async (dtype) => {
    const bound = BOUNDS[dtype];
    using network = await make(run, dtype);
    network.setParameters(asInput(run.parameters));
    const optimizer = RULES[run.optimizer](hyperparameters);
    const losses = steps.map((masks, step) => {
      const options = masks.length === 0 ? {} : { dropoutMasks: masks.map((mask) => Matrix.from(mask)) };
      if (step === 0) {
        const { gradients } = network.gradients(x, targets, { l2, ...options });
        expect(difference(numbersOf(gradients), run.gradients.flat(3))).toBeLessThan(bound.gradients);
      }
      return network.trainStep(x, targets, { optimizer, l2, ...options });
    });
    expect(difference(losses, run.losses)).toBeLessThan(bound.losses);

    const trained = network.parameters();
    const learnt = trained.map((layer) =>
      "weights" in layer ? layer : { scale: layer.scale, shift: layer.shift },
    );
    expect(difference(numbersOf(learnt), run.trained.flat(3))).toBeLessThan(bound.trained);
    const norms = trained.filter((layer): layer is NormParameters => "runningMean" in layer);
    const running = norms.map(({ runningMean, runningVariance }) => [runningMean, runningVariance]);
    const flat = running.flat().flatMap((numbers) => [...(numbers ?? [])]);
    expect(difference(flat, run.running.flat(3))).toBeLessThan(bound.trained);
    expect(difference(network.predict(x).data, run.predictions.flat())).toBeLessThan(bound.trained);
  });

  it("has the gradients that its loss has slopes", async () => {
    using network = await make(run, "float64");
    network.setParameters(asInput(run.parameters));
    expectSlopes(gradientCheck(network, x, targets, { l2 }));
  });
});
