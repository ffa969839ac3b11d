/// <reference types="vite/types/importMeta.d.ts" />
import { describe, expect, it } from "vitest";
import { LOSS_ROWS, LOSSES, type Loss, type LossName, lossRow } from "../ts/catalog/losses.js";
import { createNetwork, gradientCheck, gradientDescent, Matrix, type OutputActivation } from "../ts/index.js";
import { asInput, difference, type Parameters } from "./golden-parameters.js";

/** A training run by PyTorch in float64 (golden/losses/make.py), tanh in the hidden layers. */
interface Run {
  readonly loss: Exclude<Loss, string>;
  readonly output: OutputActivation;
  readonly dims: number[];
  readonly l2: number;
  readonly keepProb: number;
  readonly learningRate: number;
  readonly x: number[][];
  readonly targets: number[] | number[][];
  /** A mask for each hidden layer of each step. */
  readonly masks: number[][][][];
  readonly parameters: Parameters;
  /** Of the first step. */
  readonly gradients: Parameters;
  readonly losses: number[];
  readonly trained: Parameters;
}

const texts = import.meta.glob<string>("./golden/losses/*.json", {
  query: "?raw",
  import: "default",
  eager: true,
});

function runsOf(name: LossName): Run[] {
  const text = texts[`./golden/losses/${name}.json`];
  if (text === undefined) throw new Error(`no golden runs of ${name}: add it to golden/losses/make.py`);
  return JSON.parse(text);
}

async function make(run: Run, dtype: "float32" | "float64") {
  const network = await createNetwork({
    layerDims: run.dims,
    hiddenActivation: "tanh",
    outputActivation: run.output,
    loss: run.loss,
    dtype,
    threads: 1,
  });
  network.setParameters(asInput(run.parameters));
  return network;
}

const BOUNDS = { float64: { gradients: 1e-12, trained: 1e-11 }, float32: { gradients: 2e-6, trained: 2e-5 } };

const runs = LOSSES.flatMap((name) => runsOf(name).map((run) => [JSON.stringify(run.loss), run] as const));

describe.each(runs)("%s", (_, run) => {
  it.each(["float64", "float32"] as const)(
    "trains as in PyTorch, with dropout and L2, in %s",
    async (dtype) => {
      const { l2, keepProb, learningRate, x, targets } = run;
      using network = await make(run, dtype);
      const optimizer = gradientDescent({ learningRate });
      run.masks.forEach((masks, step) => {
        const dropoutMasks = masks.map((mask) => Matrix.from(mask));
        if (step === 0) {
          const { gradients } = network.gradients(x, targets, { l2, keepProb, dropoutMasks });
          expect(difference(gradients, run.gradients)).toBeLessThan(BOUNDS[dtype].gradients);
        }
        const loss = network.trainStep(x, targets, { optimizer, l2, keepProb, dropoutMasks });
        expect(Math.abs(loss - (run.losses[step] ?? Number.NaN))).toBeLessThan(BOUNDS[dtype].trained);
      });
      expect(difference(network.parameters(), run.trained)).toBeLessThan(BOUNDS[dtype].trained);
    },
  );

  it("has gradients that are the slopes of the loss, with dropout", async () => {
    using network = await make(run, "float64");
    for (const keepProb of [1, 0.7]) {
      const check = gradientCheck(network, run.x, run.targets, { l2: 0.1, keepProb });
      expect(check.ok, check.report()).toBe(true);
      expect(check.relativeError).toBeLessThan(1e-7);
    }
  });
});

it.each(LOSSES)("%s has a golden run with its defaults, and one with each parameter that isn't", (name) => {
  const settings = runsOf(name).map(({ loss: { type: _, ...parameters } }) => Object.keys(parameters));
  expect(settings[0]).toEqual([]);
  const names = lossRow(name).parameters.map((row) => row.name);
  expect([...new Set(settings.flat())].sort()).toEqual([...names].sort());
});

describe("a gradient check at a loss's kink", () => {
  const kinked = LOSSES.filter((name) => lossRow(name).kinkAt !== undefined);

  it.each(kinked)("%s: outputs that lie on it are passed over, not wrong", async (name) => {
    const { of, kinkAt } = lossRow(name);
    using network = await createNetwork({
      layerDims: [2, 2],
      outputActivation: of,
      loss: name,
      dtype: "float64",
    });
    const [low, high] = LOSS_ROWS[name].targets === "numbers" ? [2, -3] : [0, 1];
    const answers = [kinkAt?.(low) ?? 0, kinkAt?.(high) ?? 0];
    const weights = [
      [answers[0] ?? 0, 0.3],
      [answers[1] ?? 0, 0.2],
    ];
    network.setParameters([{ weights, biases: [0, 0] }]);
    const examples = [
      [1, 0],
      [0, 1],
    ];
    const check = gradientCheck(network, examples, [
      [low, high],
      [low, high],
    ]);
    expect(check.ok, check.report()).toBe(true);
    const rejected = check.blocks.map((block) => block.rejected);
    expect(rejected).toEqual([2, 2]); // what the first example sees
  });
});
