import { hostname } from "node:os";
import {
  type Model,
  type PreparedTraining,
  prepareTraining,
  type Table,
  type TrainOptions,
} from "@layerwise/data";
import {
  ConfigError,
  createNetwork,
  DataError,
  EnvironmentError,
  FormatError,
  type History,
  NumericError,
  resumeTraining,
  ShapeError,
} from "layerwise";
import type { BlobStore } from "../store/blob-store.js";
import { buildOf } from "./build.js";
import { hashOfBytes } from "./canonical.js";
import { CheckpointStore } from "./checkpoint-store.js";
import { curveOf } from "./curve.js";
import { divideRows } from "./divide-rows.js";
import { scoresOf } from "./evaluate.js";
import { checkpointName, keyOf, modelName, type TrialJob } from "./job.js";
import { openData } from "./open-data.js";
import type { TrialProgress, TrialResult } from "./result.js";
import { trainOptionsOf } from "./train-options.js";

export interface RunTrialOptions {
  readonly store: BlobStore;
  /** Default: read by what the job says, and kept for the next one. */
  readonly data?: Table;
  /** Gives training up: what it came to is kept, and the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TrialProgress) => void;
  /** Of this training. Default 1; the result is the same for any. */
  readonly threads?: number;
}

/** Seconds from one checkpoint to the next. */
const BETWEEN_CHECKPOINTS = 20;

/** A training of fewer multiply-adds is not worth a checkpoint: some seconds. */
const LEAST_WORK = 5e9;

/** What a training itself can fail by, anywhere. */
const FAILURES = [ConfigError, DataError, ShapeError, NumericError];

/**
 * Trains what the job says. A training that can't be is a result too; a worker that can't (no memory, no data) rejects. The result, but
 * for `run`, is a function of the job alone. Raises EnvironmentError for another build's job.
 */
export async function runTrial(job: TrialJob, options: RunTrialOptions): Promise<TrialResult> {
  const build = await buildOf();
  if (job.build !== build) throw new EnvironmentError("worker", `build ${job.build}, the study's`, build);
  const begun = performance.now();
  const key = keyOf(job);
  const run = () => ({
    worker: `${hostname()}:${process.pid}`,
    seconds: Number(((performance.now() - begun) / 1000).toFixed(4)),
  });
  const table = options.data ?? (await openData(job.data, options.store));
  try {
    return { key, state: "done", ...(await trainAndScore(job, key, table, options)), run: run() };
  } catch (error) {
    if (!(error instanceof Error) || !FAILURES.some((type) => error instanceof type)) throw error;
    return { key, state: "failed", error: { name: error.name, message: error.message }, run: run() };
  }
}

async function trainAndScore(job: TrialJob, key: string, table: Table, options: RunTrialOptions) {
  const { store } = options;
  const stratifyBy = job.options.task === "classes" ? (job.target[0] ?? null) : null;
  const { training, evaluation } = await divideRows(table, job.division, job.fold, stratifyBy);
  const given: TrainOptions = {
    ...trainOptionsOf(job.options, job.target, job.division.groups),
    seed: job.seed,
    threads: options.threads ?? 1,
  };
  const prepared = prepareTraining(training, given);
  const checkpoints = new CheckpointStore(store, key);
  const { model, histories } = await trainNetworks(prepared, job, checkpoints, options);
  try {
    const bytes = model.toBytes();
    if (job.keepModel) await store.put(modelName(key), bytes);
    await checkpoints.end(job.keepCheckpoint);
    const [history] = histories;
    const { value, scores } = scoresOf(model, evaluation, job.metric, history);
    return {
      value,
      scores,
      epochs: histories.reduce((sum, { loss }) => sum + loss.length, 0),
      bestEpoch: bestEpochOf(history),
      curve: curveOf(history),
      model: hashOfBytes(bytes),
    };
  } finally {
    model.dispose();
  }
}

type Trained = Awaited<ReturnType<typeof trainOne>>;

async function trainNetworks(
  prepared: PreparedTraining,
  job: TrialJob,
  checkpoints: CheckpointStore,
  options: RunTrialOptions,
): Promise<{ model: Model; histories: readonly History[] }> {
  const trained: Trained[] = [];
  try {
    for (let k = 0; k < prepared.settings.networks; k++) {
      trained.push(await trainOne(prepared, k, job, checkpoints, options));
    }
  } catch (error) {
    for (const { network } of trained) network.dispose();
    throw error;
  }
  const histories = trained.map(({ history }) => history);
  const model = prepared.model(
    trained.map(({ network }) => network),
    histories.map((history) => ({
      epochs: history.loss.length,
      bestEpoch: bestEpochOf(history),
      validationLoss: history.best?.value ?? null,
      stoppedBy: history.stoppedBy,
    })),
  );
  return { model, histories };
}

/** Network k of a training, to its end or that of the rung; from a checkpoint where there is one. */
async function trainOne(
  prepared: PreparedTraining,
  k: number,
  job: TrialJob,
  checkpoints: CheckpointStore,
  { signal, onProgress, store }: RunTrialOptions,
) {
  const { x, y, settings, stratify } = prepared;
  const { epochs, validation, earlyStopping } = settings;
  const ended = new AbortController();
  const giveUp = () => ended.abort(signal?.reason);
  if (signal?.aborted) giveUp();
  signal?.addEventListener("abort", giveUp, { once: true });
  const watched = {
    signal: ended.signal,
    onEpoch: ({ epoch, loss }: { epoch: number; loss: number }) => {
      onProgress?.({ epoch, epochs: job.until ?? epochs, loss });
      if (job.until === null || epoch < job.until || signal?.aborted) return;
      checkpoints.over();
      ended.abort();
    },
    ...(validation === false ? {} : { validation: { ...validation, stratify } }),
    ...(earlyStopping === false || validation === false ? {} : { earlyStopping }),
    warnings: false,
  };
  try {
    const fitted = (await resumed()) ?? (await begun());
    if (signal?.aborted) {
      fitted.network.dispose();
      await checkpoints.giveUp();
      throw signal.reason;
    }
    return fitted;
  } finally {
    signal?.removeEventListener("abort", giveUp);
  }

  async function begun() {
    const network = await createNetwork(prepared.network(k));
    const held = validation === false ? 0 : Math.round(validation.fraction * x.rows);
    const steps = Math.max(1, Math.ceil((x.rows - held) / prepared.fit.batchSize)) * epochs;
    const isLong = weightsOf(prepared) * x.rows * epochs > LEAST_WORK;
    const isKept = settings.networks === 1 && (isLong || job.keepCheckpoint);
    try {
      const history = await network.fit(x, y, {
        ...prepared.fit,
        ...watched,
        epochs,
        optimizer: prepared.optimizer(steps),
        ...(isKept && { checkpoint: checkpoint() }),
      });
      return { network, history };
    } catch (error) {
      network.dispose();
      throw error;
    }
  }

  function checkpoint() {
    return { path: checkpoints.name, store: checkpoints, everySeconds: BETWEEN_CHECKPOINTS, keep: 0 };
  }

  /** From this rung's own checkpoint, or that of the highest rung before it. */
  async function resumed() {
    if (settings.networks > 1) return undefined;
    for (const path of [checkpoints.name, ...job.before.map(checkpointName)]) {
      if (!(await store.has(path))) continue;
      try {
        return await resumeTraining(path, x, y, {
          ...watched,
          ...settings.compute,
          store: checkpoints,
          checkpoint: checkpoint(),
        });
      } catch (error) {
        if (!(error instanceof FormatError)) throw error; // A damaged checkpoint is none.
      }
    }
    return undefined;
  }
}

function bestEpochOf(history: History | undefined): number {
  return history?.best?.epoch ?? history?.loss.length ?? 0;
}

/** Weights between the first network's layers, roughly. */
function weightsOf({ x, y, settings }: PreparedTraining): number {
  const [first] = settings.kinds;
  const hidden = (first?.layers ?? []).map((layer) => (typeof layer === "number" ? layer : 0));
  const widths = [x.cols, ...hidden, y instanceof Uint32Array ? 1 : y.cols];
  return widths.reduce((sum, width, i) => sum + width * (widths[i + 1] ?? 0), 0);
}
