import { adam, createNetwork } from "layerwise";
import { toExamples } from "../ts/data/examples.js";
import type { Program } from "../ts/engine/engine.js";
import type { StepOperation } from "../ts/model/loss-call.js";
import { backwardPass, forwardPass, lossPass } from "../ts/model/passes.js";
import { atOnce } from "../ts/platform/breath.js";
import { openBatchSource } from "../ts/training/batch-source.js";
import { NO_CLIP } from "../ts/training/clip.js";
import { bindSteps, takeStep } from "../ts/training/step.js";
import { makeExamples } from "./examples.js";
import { measurementOf } from "./measurement.js";
import { peakCase, peakName } from "./peak.js";
import type { Case, Race } from "./rounds.js";
import { flopsPerExample, type Work } from "./works.js";

/** Networks of one work that differ in where they need exp. */
export const VARIANTS = [
  { name: "relu, sigmoid output", hidden: "relu", output: "sigmoid", classes: 1 },
  { name: "relu, softmax of 10", hidden: "relu", output: "softmax", classes: 10 },
  { name: "sigmoid, sigmoid output", hidden: "sigmoid", output: "sigmoid", classes: 1 },
] as const;

export type Variant = (typeof VARIANTS)[number];

/** In the order in which a step does them; `step` is all of them together. */
export const PARTS = ["gather", "forward", "loss", "backward", "adam", "step"] as const;

export function partName(part: (typeof PARTS)[number], { name }: Variant): string {
  return `${part} (${name})`;
}

/** Far too small for thousands of updates by one gradient to lead anywhere. */
const LEARNING_RATE = 1e-12;

/** Where a training step's time goes: each part alone, on the memory that the step works on. */
export async function stepPartsRace(work: Work, variant: Variant): Promise<Race> {
  const layerDims = [...work.layerDims.slice(0, -1), variant.classes];
  const network = await createNetwork({
    layerDims,
    hiddenActivation: variant.hidden,
    outputActivation: variant.output,
    threads: 1,
  });
  const { trainee } = network;
  const { layers } = trainee;
  const data = makeExamples(work, "float32");
  const examples = atOnce(toExamples(data.x, data.y.data, trainee.config, layers.engine));
  const rows = work.batchSize;
  const batch = layers.trainingMemory(rows);
  const source = atOnce(openBatchSource(layers, batch, examples, { size: rows, seed: 0 }));
  source.begin(1);
  const optimizer = adam({ learningRate: LEARNING_RATE });
  optimizer.attach(layers);

  // One place after the other, so that each gathers another batch.
  const place = { epoch: 1, step: 0 };
  const moveOn = () => {
    place.step = (place.step + 1) % (examples.m / rows);
  };
  const batches = { size: rows, m: examples.m };
  const bound: Program[] = [];
  const part = (operations: readonly StepOperation[]) => {
    const program = layers.bind(operations, batches);
    bound.push(program);
    return () => {
      moveOn();
      program.run(rows, place.epoch, place.step);
    };
  };
  const settings = { optimizer, l1: 0, l2: 0, keepProb: 1, clip: NO_CLIP };
  const site = bindSteps(trainee, batch, settings, undefined, source.operations, batches);
  bound.push(site.program);
  const step = () => {
    moveOn();
    takeStep(site, rows, place);
  };
  const parts: Record<(typeof PARTS)[number], () => void> = {
    gather: part(source.operations),
    forward: part(forwardPass(layers, batch)),
    loss: part([lossPass(layers, batch, true)]),
    backward: part(backwardPass(layers, batch, settings)), // with the bounds on the gradients
    adam: part(optimizer.operations(layers, undefined)),
    step,
  };
  step();
  const cases: Case[] = PARTS.map((part) => ({ name: part, kind: "call", run: parts[part], units: 1 }));
  const common = { suite: "kernels", backend: "layerwise", threads: 1, dtype: "float32" } as const;
  return {
    cases: [await peakCase("float32"), ...cases],
    finish: (rates) => {
      for (const program of bound) program.release();
      source.release();
      network.dispose();
      return PARTS.map((part) =>
        measurementOf(
          { ...common, work: partName(part, variant) },
          {
            rates: rates.get(part),
            ...(part === "step" && { flops: flopsPerExample({ layerDims }) * rows }),
            peak: rates.get(peakName("float32")),
          },
        ),
      );
    },
  };
}
