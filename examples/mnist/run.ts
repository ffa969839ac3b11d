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
import { answersTo, classNames, type Task, taskOf } from "./task.js";

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
 * the first step there is nothing to show, and its reason is thrown. Whatever fails after the first step,
 * the learning curve so far is drawn.
 */
export async function run(options: Options, terminal: Terminal, signal: AbortSignal): Promise<Results> {
  const print = (text: string) => terminal.write(`${text}\n`);
  const task = taskOf(options);
  const stopwatch = new Stopwatch();
  mkdirSync(options.out, { recursive: true }); // Now: a folder that can't be made is no news for after training.
  const { train, test } = await stopwatch.time("reading", () =>
    readMnist(options.data, options.dtype, classNames(options).length),
  );
  const network = await createNetwork({
    layerDims: [train.pixels.cols, 128, 64, task.outputs],
    outputActivation: task.outputActivation,
    seed: options.seed,
    dtype: options.dtype,
    threads: options.threads,
  });
  const curve: Curve = { saved: [], means: [] };
  const draw = (accuracy?: number) => {
    const picture = drawCurve(curve, task, options, accuracy);
    if (picture !== undefined) print(`Learning curve: ${picture}`);
    return picture;
  };
  const trainAndTest = async () => {
    print(describe(task, options, network, train, test));
    const history = await stopwatch
      .time("training", () => trainAndSave(network, task, train, options, terminal, signal, curve))
      .finally(() => printCurve(curve, terminal));
    if (history.steps === 0) signal.throwIfAborted();
    if (history.stoppedBy === "signal") print(`Stopped after step ${history.steps}. The results so far:`);
    const tested = await stopwatch.time("testing", () => evaluate(network, task, test));
    print(`\n${report(tested, task, test)}\n\nTimes: ${stopwatch}`);
    return { history, tested };
  };
  try {
    const { history, tested } = await trainAndTest().catch((error: unknown) => {
      draw();
      throw error;
    });
    const { accuracy, confusion } = tested;
    return { history, saved: curve.saved, accuracy, confusion, picture: draw(accuracy) };
  } finally {
    network.dispose();
  }
}

interface Tested {
  readonly loss: number;
  readonly accuracy: number;
  readonly confusion: readonly (readonly number[])[];
}

function evaluate(network: Network, task: Task, { pixels, labels }: LabelledImages): Tested {
  const targets = labels.map(task.target);
  const answers = answersTo(task, network.predict(pixels));
  return {
    ...network.evaluate(pixels, targets),
    confusion: confusionMatrix(targets, answers, task.answers.length),
  };
}

function report({ loss, accuracy, confusion }: Tested, task: Task, { labels }: LabelledImages): string {
  const right = count(Math.round(accuracy * labels.length));
  return [
    `Test accuracy ${accuracy.toFixed(4)} (${right} of ${count(labels.length)}), loss ${loss.toFixed(4)}`,
    "",
    formatConfusionMatrix(confusion, task.answers),
  ].join("\n");
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

/** What is saved while training runs. */
interface Curve {
  readonly saved: SavedLoss[];
  readonly means: EpochMean[];
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
  { saved, means }: Curve,
): Promise<History> {
  const { epochs, batchSize, learningRate, l2, keepProb } = options;
  const progress = showProgress(terminal, epochs);
  try {
    return await network.fit(train.pixels, train.labels.map(task.target), {
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
  } finally {
    progress.stop();
  }
}

/** The largest of 1, 2, 5, 10, 20, 50, … that is not above x; at least 1. */
function roundNumber(x: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, x)));
  return power * ([5, 2].find((digit) => digit * power <= x) ?? 1);
}

function printCurve({ saved }: Curve, terminal: Terminal): void {
  if (saved.length === 0) return;
  terminal.write(`\n${learningCurveText(saved, Math.min(terminal.columns ?? 80, 100), { step: "step" })}\n`);
}

/** Writes the curve's picture; returns its file. Without `accuracy` nothing was tested. */
function drawCurve(
  { saved, means }: Curve,
  { question }: Task,
  { learningRate, batchSize, task, out }: Options,
  accuracy: number | undefined,
): string | undefined {
  if (saved.length === 0) return undefined;
  const tested = accuracy === undefined ? "not tested" : `test accuracy ${accuracy.toFixed(4)}`;
  const captions = {
    title: question,
    subtitle: `adam, learning rate = ${learningRate}, batches of ${batchSize}; ${tested}`,
    step: "step",
  };
  const file = join(out, `learning-curve-${task}.svg`);
  writeFileSync(file, learningCurveSvg(saved, captions, means));
  return file;
}
