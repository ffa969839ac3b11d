import {
  adamW,
  binaryCrossEntropy,
  type ClipOptions,
  type CreateLayersOptions,
  categoricalCrossEntropy,
  cosine,
  DataError,
  dense,
  dropout,
  type Layer,
  type Loss,
  type Matrix,
  type Optimizer,
  residual,
} from "layerwise";
import { fitPipeline } from "../pipeline/fit-pipeline.js";
import { PIPELINE_NAMES, type PipelineOptions } from "../pipeline/options.js";
import type { Pipeline } from "../pipeline/pipeline.js";
import type { Target } from "../pipeline/plan.js";
import { listed } from "../platform/describe.js";
import { noteText, withoutAdvice } from "../table/note.js";
import type { Table } from "../table/table.js";
import type { AnyNetwork } from "./any-network.js";
import { Model, withTargets } from "./model.js";
import {
  type HiddenLayers,
  resolveTrainOptions,
  type TrainOptions,
  type TrainSettings,
} from "./train-options.js";
import type { NetworkSummary } from "./training-summary.js";

/** Fewer rows with a target are nothing to learn from. */
const LEAST_ROWS = 10;

/** The share of the steps in which the learning rate rises. */
const WARMUP = 0.02;

/** What `trainModel` trains, for those who run the training themselves: on several machines, or step by step. */
export interface PreparedTraining {
  readonly pipeline: Pipeline;
  /** All rows that have a target, those to validate on among them. */
  readonly x: Matrix;
  readonly y: Matrix | Uint32Array;
  /** Whether rows to validate on can be held back of each class alike. */
  readonly stratify: boolean;
  readonly settings: TrainSettings;
  /** What `createNetwork` takes for network k. */
  network(k: number): CreateLayersOptions;
  /** A new optimizer for a training of so many steps. */
  optimizer(steps: number): Optimizer;
  /** What else `fit` takes of a step. */
  readonly fit: { readonly batchSize: number; readonly l2: number; readonly clip?: ClipOptions };
  /** The model of networks that were trained so, which it owns; `notes` go into what is known of the training. */
  model(
    networks: readonly AnyNetwork[],
    summaries: readonly NetworkSummary[],
    notes?: readonly string[],
  ): Model;
}

/** Fits the preparation, and says what is to be trained. Raises ConfigError or DataError, as `trainModel` does. */
export function prepareTraining(table: Table, options: TrainOptions): PreparedTraining {
  const settings = resolveTrainOptions(options, table.rows);
  const targets = typeof options.target === "string" ? [options.target] : options.target;
  const { table: rows, notes } = withTargets(table, targets ?? []);
  const pipeline = fitPipeline(rows, pipelineOptions(options));
  if (rows.rows < LEAST_ROWS) {
    throw new DataError("table", `at least ${LEAST_ROWS} rows with a target`, `${rows.rows}`);
  }
  const { x, y } = pipeline.transform(rows, { dtype: settings.dtype });
  if (y === undefined) throw new DataError("table", `the columns ${listed(targets)}`, listed(table.names));
  const { outputs, loss } = outputsOf(pipeline.targets, settings);
  const { seed, dtype, compute, batchSize, l2, clip } = settings;
  const hidden = settings.kinds.map((kind) => hiddenLayers(kind, settings.keepProb, x.cols));
  const layersOf = (k: number) => [...(hidden[k % hidden.length] ?? []), outputs];
  // What is left out is said by the pipeline.
  const read = table.notes.filter(({ kind }) => kind !== "ignored");
  const said = [...read, ...notes, ...pipeline.notes].map((note) => noteText(withoutAdvice(note)));
  return {
    pipeline,
    x,
    y,
    stratify: canStratify(pipeline.targets, y, settings),
    settings,
    network: (k) => ({ inputs: x.cols, layers: layersOf(k), loss, seed: seed + k, dtype, ...compute }),
    optimizer: (steps) => settings.optimizer?.() ?? ownOptimizer(settings, steps),
    fit: { batchSize, l2, ...(clip === false ? {} : { clip }) },
    model: (networks, summaries, notes = []) =>
      new Model(pipeline, networks, {
        rows: rows.rows,
        seed,
        networks: summaries,
        notes: [...said, ...notes],
      }),
  };
}

function pipelineOptions(options: TrainOptions): PipelineOptions {
  const given = Object.entries(options).filter(([name]) => PIPELINE_NAMES.some((known) => known === name));
  return Object.fromEntries(given) as unknown as PipelineOptions;
}

function ownOptimizer({ learningRate, weightDecay }: TrainSettings, steps: number) {
  const warmup = Math.floor(WARMUP * steps);
  return adamW({ learningRate: cosine({ from: learningRate, steps, warmup }), weightDecay });
}

function hiddenLayers({ layers, activation, skip }: HiddenLayers, keepProb: number, inputs: number): Layer[] {
  const hidden = layers.flatMap((layer): Layer[] => {
    if (typeof layer !== "number") return [layer];
    const units = dense(layer, { activation });
    return keepProb < 1 ? [units, dropout({ keepProb })] : [units];
  });
  const areWidths = layers.length > 0 && layers.every((layer) => typeof layer === "number");
  // Zeros: it begins as a linear model.
  return skip && areWidths ? [residual([...hidden, dense(inputs, { initialization: "zeros" })])] : hidden;
}

/** The last layer and the loss: one unit for each number and each pair of classes, or one for each of more classes. */
function outputsOf(
  targets: readonly Target[],
  { loss, labelSmoothing }: TrainSettings,
): { outputs: Layer; loss: Loss } {
  const [first] = targets;
  if (first?.type !== "classes") return { outputs: dense(targets.length), loss };
  if (first.classes.length > 2) {
    return {
      outputs: dense(first.classes.length, { activation: "softmax" }),
      loss: categoricalCrossEntropy({ labelSmoothing }),
    };
  }
  return {
    outputs: dense(targets.length, { activation: "sigmoid" }),
    loss: binaryCrossEntropy({ labelSmoothing }),
  };
}

/** Whether each class has enough rows that some of them are held back, and one target says the class. */
function canStratify(
  targets: readonly Target[],
  y: Matrix | Uint32Array,
  { validation }: TrainSettings,
): boolean {
  const [first] = targets;
  if (first?.type !== "classes" || targets.length > 1 || validation === false) return false;
  const counts = new Map<number, number>();
  for (const label of y instanceof Uint32Array ? y : y.data) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts.values()].every((count) => count >= 2);
}
