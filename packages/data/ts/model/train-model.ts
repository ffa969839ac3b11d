import {
  adamW,
  binaryCrossEntropy,
  categoricalCrossEntropy,
  cosine,
  createNetwork,
  DataError,
  dense,
  dropout,
  type History,
  type Layer,
  type Loss,
  type Matrix,
} from "layerwise";
import { fitPipeline } from "../pipeline/fit-pipeline.js";
import { PIPELINE_NAMES, type PipelineOptions } from "../pipeline/options.js";
import type { Pipeline } from "../pipeline/pipeline.js";
import type { Target } from "../pipeline/plan.js";
import { listed } from "../platform/describe.js";
import type { Note } from "../table/note.js";
import type { Table } from "../table/table.js";
import type { AnyNetwork } from "./any-network.js";
import { Model, withTargets } from "./model.js";
import { resolveTrainOptions, type TrainOptions, type TrainSettings } from "./train-options.js";
import type { NetworkSummary } from "./training-summary.js";

/** Fewer rows with a target are nothing to learn from. */
const LEAST_ROWS = 10;

/** The share of the steps in which the learning rate rises. */
const WARMUP = 0.02;

/**
 * From a table to a model: fits the preparation, trains networks with early stopping, each with validation rows of its own, and
 * averages them. Give it the training rows: rows for a test are to be taken off before. With the same table, options and seed
 * the model is the same to the bit. Raises ConfigError for options, DataError for a table that nothing can be learnt from.
 */
export async function trainModel(table: Table, options: TrainOptions): Promise<Model> {
  const settings = resolveTrainOptions(options, table.rows);
  const targets = typeof options.target === "string" ? [options.target] : options.target;
  const { table: rows, notes } = withTargets(table, targets ?? []);
  const pipeline = fitPipeline(rows, pipelineOptions(options));
  if (rows.rows < LEAST_ROWS) {
    throw new DataError("table", `at least ${LEAST_ROWS} rows with a target`, `${rows.rows}`);
  }
  const { x, y } = pipeline.transform(rows, { dtype: settings.dtype });
  if (y === undefined) throw new DataError("table", `the columns ${listed(targets)}`, listed(table.names));
  const networks: AnyNetwork[] = [];
  const summaries: NetworkSummary[] = [];
  const training = { pipeline, x, y, settings, stratify: canStratify(pipeline.targets, y, settings) };
  try {
    for (let k = 0; k < settings.networks; k++) {
      const { network, history } = await trainOne(training, k);
      networks.push(network);
      summaries.push(summaryOf(history));
      if (history.stoppedBy === "signal") break;
    }
  } catch (error) {
    for (const network of networks) network.dispose();
    throw error;
  }
  const said = [...table.notes, ...notes, ...pipeline.notes].map(textOf);
  return new Model(pipeline, networks, {
    rows: rows.rows,
    seed: settings.seed,
    networks: summaries,
    notes: said,
  });
}

function pipelineOptions(options: TrainOptions): PipelineOptions {
  const given = Object.entries(options).filter(([name]) => PIPELINE_NAMES.some((known) => known === name));
  return Object.fromEntries(given) as unknown as PipelineOptions;
}

function textOf({ column, message }: Note): string {
  return column === undefined ? message : `${column}: ${message}`;
}

interface Training {
  readonly pipeline: Pipeline;
  readonly x: Matrix;
  readonly y: Matrix | Uint32Array;
  readonly settings: TrainSettings;
  readonly stratify: boolean;
}

/** Network k: its weights, its order of the rows and its validation rows follow from the seed and k. */
async function trainOne({ pipeline, x, y, settings, stratify }: Training, k: number) {
  const {
    seed,
    dtype,
    threads,
    epochs,
    batchSize,
    validation,
    earlyStopping,
    signal,
    onEpoch,
    metrics,
    clip,
    l2,
  } = settings;
  const { outputs, loss } = outputsOf(pipeline.targets, settings);
  const network = await createNetwork({
    inputs: x.cols,
    layers: [...hiddenLayers(settings), outputs],
    loss,
    seed: seed + k,
    dtype,
    threads,
  });
  const held = validation === false ? 0 : Math.round(validation.fraction * x.rows);
  const steps = Math.max(1, Math.ceil((x.rows - held) / batchSize)) * epochs;
  const history = await network.fit(x, y, {
    epochs,
    batchSize,
    optimizer: settings.optimizer?.() ?? ownOptimizer(settings, steps),
    l2,
    ...(clip === false ? {} : { clip }),
    ...(validation === false ? {} : { validation: { ...validation, stratify }, ...(metrics && { metrics }) }),
    ...(earlyStopping === false || validation === false ? {} : { earlyStopping }),
    ...(signal === undefined ? {} : { signal }),
    ...(onEpoch === undefined
      ? {}
      : {
          onEpoch: ({ epoch, loss, validation }) =>
            onEpoch({
              network: k,
              networks: settings.networks,
              epoch,
              epochs,
              loss,
              validation,
              rows: x.rows - held,
            }),
        }),
    warnings: false,
  });
  return { network, history };
}

function ownOptimizer({ learningRate, weightDecay }: TrainSettings, steps: number) {
  const warmup = Math.floor(WARMUP * steps);
  return adamW({ learningRate: cosine({ from: learningRate, steps, warmup }), weightDecay });
}

function hiddenLayers({ layers, activation, keepProb }: TrainSettings): Layer[] {
  return layers.flatMap((layer): Layer[] => {
    if (typeof layer !== "number") return [layer];
    const units = dense(layer, { activation });
    return keepProb < 1 ? [units, dropout({ keepProb })] : [units];
  });
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

function summaryOf(history: History): NetworkSummary {
  const { best, stoppedBy, loss } = history;
  return {
    epochs: loss.length,
    bestEpoch: best?.epoch ?? loss.length,
    validationLoss: best?.value ?? null,
    stoppedBy,
  };
}
