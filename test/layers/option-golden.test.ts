/// <reference types="vite/types/importMeta.d.ts" />
// Options of single layers, as in PyTorch: biases, penalties, bounds on norms, layers that aren't trained, factors.
import { describe, expect, it } from "vitest";
import {
  type AnyLayerParameters,
  type AnyLayerParametersInput,
  adam,
  adamW,
  createNetwork,
  gradientCheck,
  gradientDescent,
  type LayerInput,
  type Loss,
  sgd,
} from "../../ts/index.js";
import { expectSlopes, numbersOf } from "./networks.js";

/** Of each layer that has any: weight and bias, which a dense layer may lack. */
type Parameters = readonly { readonly weight: number[][] | number[]; readonly bias?: number[] }[];
type Running = readonly (readonly [number[], number[]])[];

/** A training run by PyTorch in float64 (golden/layer-options/make.py). */
interface Run {
  readonly inputs: number;
  readonly layers: LayerInput[];
  readonly loss: Loss;
  readonly optimizer: "adam" | "adamW" | "sgd" | "gradientDescent";
  readonly hyperparameters: { readonly learningRate: number };
  readonly l1: number;
  readonly l2: number;
  readonly clipNorm: number | null;
  readonly x: number[][];
  readonly targets: number[] | number[][];
  readonly steps: number;
  readonly parameters: Parameters;
  readonly running: Running;
  /** Of the first step, by all parameters. */
  readonly gradients: Parameters;
  readonly losses: number[];
  readonly trained: Parameters;
  readonly trainedRunning: Running;
  readonly predictions: number[][];
}

const texts = import.meta.glob<string>("../golden/layer-options/*.json", {
  query: "?raw",
  import: "default",
  eager: true,
});
const runs = Object.entries(texts).map(([path, text]): [string, Run] => [
  path.replace(/^.*\/|\.json$/g, ""),
  JSON.parse(text),
]);

const RULES = { adam, adamW, sgd, gradientDescent };

/** Those of float32 are some hundred roundings, of 6e-8 each, through some steps. */
const BOUNDS = {
  float64: { gradients: 1e-12, trained: 1e-9 },
  float32: { gradients: 1e-5, trained: 1e-3 },
};

function isMatrix(numbers: number[][] | number[]): numbers is number[][] {
  return Array.isArray(numbers[0]);
}

function asInput(parameters: Parameters, running: Running, layers: readonly LayerInput[]) {
  const types = layers.map(({ type }) => type).filter((type) => type !== "activation");
  const statistics = [...running];
  return parameters.map(({ weight, bias }, i): AnyLayerParametersInput => {
    if (isMatrix(weight)) return bias === undefined ? { weights: weight } : { weights: weight, biases: bias };
    const own = { scale: weight, shift: bias ?? [] };
    const [runningMean, runningVariance] = (types[i] === "batchNorm" ? statistics.shift() : undefined) ?? [];
    if (runningMean === undefined || runningVariance === undefined) return own;
    return { ...own, runningMean, runningVariance };
  });
}

const flat = (parameters: Parameters) =>
  parameters.flatMap(({ weight, bias = [] }) => [...weight.flat(), ...bias]);

/** Without running statistics, and those alone. */
const learnt = (parameters: readonly AnyLayerParameters[]) =>
  numbersOf(
    parameters.map((layer) => ("weights" in layer ? layer : { scale: layer.scale, shift: layer.shift })),
  );
const runningOf = (parameters: readonly AnyLayerParameters[]) =>
  parameters.flatMap((layer) =>
    "weights" in layer ? [] : [...(layer.runningMean ?? []), ...(layer.runningVariance ?? [])],
  );

/** The largest difference, of each number's size or 1. */
function difference(got: ArrayLike<number>, expected: readonly number[]): number {
  if (got.length !== expected.length) return Number.POSITIVE_INFINITY;
  const errors = expected.map(
    (value, i) => Math.abs((got[i] ?? Number.NaN) - value) / Math.max(1, Math.abs(value)),
  );
  return errors.reduce((most, error) => (error <= most ? most : error), 0);
}

async function start(run: Run, dtype: "float32" | "float64") {
  const { inputs, layers, loss } = run;
  const network = await createNetwork({ inputs, layers, loss, dtype, threads: 1 });
  network.setParameters(asInput(run.parameters, run.running, layers));
  return network;
}

describe.each(runs)("%s", (_, run) => {
  const { x, targets, l1, l2, hyperparameters, clipNorm } = run;

  it.each(["float64", "float32"] as const)("trains as in PyTorch, in %s", async (dtype) => {
    const bound = BOUNDS[dtype];
    using network = await start(run, dtype);
    const optimizer = RULES[run.optimizer](hyperparameters);
    const clip = clipNorm === null ? {} : { clip: { norm: clipNorm } };
    const losses: number[] = [];
    for (let step = 0; step < run.steps; step++) {
      const { loss, gradients } = network.gradients(x, targets, { l1, l2 });
      if (step === 0)
        expect(difference(numbersOf(gradients), flat(run.gradients))).toBeLessThan(bound.gradients);
      losses.push(network.trainStep(x, targets, { optimizer, l1, l2, ...clip }));
      expect(loss).toBe(losses[step]);
    }
    expect(difference(losses, run.losses)).toBeLessThan(bound.trained);
    const trained = network.parameters();
    expect(difference(learnt(trained), flat(run.trained))).toBeLessThan(bound.trained);
    expect(difference(runningOf(trained), run.trainedRunning.flat(2))).toBeLessThan(bound.trained);
    expect(difference(network.predict(x).data, run.predictions.flat())).toBeLessThan(bound.trained);
  });

  it("has the gradients that its loss has slopes", async () => {
    using network = await start(run, "float64");
    expectSlopes(gradientCheck(network, x, targets, { l1, l2 }));
  });
});
