import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { adam, createNetwork, type History, type Network } from "layerwise";
import { confusionMatrix, formatConfusionMatrix } from "../report/confusion-matrix.js";
import {
  type EpochMean,
  isSaved,
  learningCurveSvg,
  learningCurveText,
  type SavedLoss,
} from "../report/learning-curve.js";
import { Stopwatch } from "../report/stopwatch.js";
import type { Terminal } from "../report/terminal.js";
import { type LabelledImages, readMnist } from "./data.js";
import type { Options } from "./options.js";
import { showProgress } from "./progress.js";
import { answers, TASKS, type Task } from "./task.js";

/** What came out, for callers that don't read the terminal. */
export interface Results {
  readonly history: History;
  readonly saved: readonly SavedLoss[];
  readonly accuracy: number;
  readonly confusion: readonly (readonly number[])[];
  /** The SVG file, if a step was taken. */
  readonly picture: string | undefined;
}

/**
 * The example: reads the data, trains, shows what was learned. `signal` ends the training early; before
 * the first step there is nothing to show, and its reason is thrown.
 */
export async function run(options: Options, terminal: Terminal, signal: AbortSignal): Promise<Results> {
  const print = (text: string) => terminal.write(`${text}\n`);
  const task = TASKS[options.task];
  const stopwatch = new Stopwatch();
  mkdirSync(options.out, { recursive: true }); // Now: a folder that can't be made is no news for after training.
  const { train, test } = await stopwatch.time("reading", () => readMnist(options.data, options.dtype));
  const network = await createNetwork({
    layerDims: [train.pixels.cols, 128, 64, task.outputs],
    outputActivation: task.outputActivation,
    seed: options.seed,
    dtype: options.dtype,
    threads: options.threads,
  });
  try {
    print(describe(task, options, network, train, test));
    const training = await stopwatch.time("training", () =>
      trainAndSave(network, task, train, options, terminal, signal),
    );
    const { history, saved } = training;
    if (history.steps === 0) signal.throwIfAborted();
    if (history.stoppedBy === "signal") print(`Stopped after step ${history.steps}. The results so far:`);

    const labels = test.digits.map(task.label);
    const { loss, accuracy, confusion } = await stopwatch.time("testing", () => ({
      ...network.evaluate(test.pixels, labels),
      confusion: confusionMatrix(labels, answers(task, network.predict(test.pixels)), task.classes.length),
    }));
    const picture = await stopwatch.time("drawing", () => drawCurve(training, options, terminal, accuracy));

    const right = Math.round(accuracy * labels.length);
    print(
      `\nTest accuracy ${accuracy.toFixed(4)} (${count(right)} of ${count(labels.length)}), loss ${loss.toFixed(4)}\n`,
    );
    print(formatConfusionMatrix(confusion, task.classes));
    print(`\nTimes: ${stopwatch}`);
    if (picture !== undefined) print(`Learning curve: ${picture}`);
    return { history, saved, accuracy, confusion, picture };
  } finally {
    network.dispose();
  }
}

function describe(
  task: Task,
  options: Options,
  network: Network,
  train: LabelledImages,
  test: LabelledImages,
): string {
  const { layerDims, hiddenActivation, outputActivation, dtype } = network.config;
  const threads = network.runtime.threads === 1 ? "1 thread" : `${network.runtime.threads} threads`;
  const { learningRate, batchSize, l2, keepProb, seed } = options;
  return [
    `${task.question} ${count(train.pixels.rows)} images to learn from, ${count(test.pixels.rows)} to test with`,
    `layers [${layerDims.join(", ")}], ${hiddenActivation}, ${outputActivation}, ${dtype}, ${threads}`,
    `adam, learning rate ${learningRate}, batches of ${batchSize}, l2 ${l2}, keepProb ${keepProb}, seed ${seed}`,
    "",
  ].join("\n");
}

function count(number: number): string {
  return number.toLocaleString("en-US");
}

interface Training {
  readonly history: History;
  readonly saved: readonly SavedLoss[];
  readonly means: readonly EpochMean[];
}

/** At least this many losses are saved for the learning curve, where there are so many steps. */
const SAVED_LOSSES = 100;

async function trainAndSave(
  network: Network,
  task: Task,
  train: LabelledImages,
  options: Options,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Training> {
  const { epochs, batchSize, learningRate, l2, keepProb } = options;
  const saved: SavedLoss[] = [];
  const means: EpochMean[] = [];
  const progress = showProgress(terminal, epochs);
  try {
    const history = await network.fit(train.pixels, train.digits.map(task.label), {
      epochs,
      batchSize,
      optimizer: adam({ learningRate }),
      l2,
      keepProb,
      signal,
      onStep: (report) => {
        const every = roundNumber((epochs * report.stepsPerEpoch) / SAVED_LOSSES);
        if (isSaved(network.steps, every)) saved.push({ step: network.steps, loss: report.loss });
        progress.step(report);
      },
      onEpoch: (report) => {
        means.push({ from: means.at(-1)?.to ?? 0, to: network.steps, loss: report.loss });
        progress.epoch(report);
      },
    });
    return { history, saved, means };
  } finally {
    progress.stop();
  }
}

/** The largest of 1, 2, 5, 10, 20, 50, … that is not above x; at least 1. */
function roundNumber(x: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, x)));
  return power * ([5, 2].find((digit) => digit * power <= x) ?? 1);
}

/** Prints the curve and writes its picture; returns the picture's file. */
function drawCurve(
  { saved, means }: Training,
  options: Options,
  terminal: Terminal,
  accuracy: number,
): string | undefined {
  if (saved.length === 0) return undefined;
  terminal.write(`\n${learningCurveText(saved, Math.min(terminal.columns ?? 80, 100), { step: "step" })}\n`);
  const { learningRate, batchSize, task } = options;
  const captions = {
    title: TASKS[task].question,
    subtitle: `adam, learning rate = ${learningRate}, batches of ${batchSize}; test accuracy ${accuracy.toFixed(4)}`,
    step: "step",
  };
  const file = join(options.out, `learning-curve-${task}.svg`);
  writeFileSync(file, learningCurveSvg(saved, captions, means));
  return file;
}
