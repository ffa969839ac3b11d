import {
  ConfigError,
  DataError,
  EnvironmentError,
  type LayerwiseError,
  NumericError,
  ShapeError,
} from "layerwise";
import type { BlobStore } from "../store/blob-store.js";
import { buildOf } from "../trial/build.js";
import { runAverage } from "./average.js";
import type { AverageJob, ShardJob } from "./job.js";
import { LostBlobError } from "./lost-blob.js";
import { runShard } from "./run-shard.js";
import { ShardData } from "./shard-data.js";

/** What a part of a round came to, as JSON; its numbers are in the store. */
export type RoundResult = RoundDone | RoundFailed | RoundLost;

export interface RoundDone {
  readonly state: "done";
}

/** A training that can't be: it would fail anywhere. */
export interface RoundFailed {
  readonly state: "failed";
  readonly error: {
    readonly name: string;
    readonly path: string;
    readonly expected: string;
    readonly got: string;
    /** Of a NumericError. */
    readonly layer?: { readonly layer: number; readonly name?: string };
    readonly step?: number;
  };
}

/** What it needs isn't in the store. */
export interface RoundLost {
  readonly state: "lost";
  readonly key: string;
}

/** What a training itself can fail by, anywhere. */
const FAILURES = [ConfigError, DataError, ShapeError, NumericError] as const;

export interface RoundContext {
  readonly store: BlobStore;
  readonly threads?: number;
  readonly signal?: AbortSignal;
}

/** Shards that this process trained on. */
const data = new ShardData();

/** Runs a part of a round. Raises EnvironmentError for another build's, and the signal's reason. */
export async function runRoundJob(job: ShardJob | AverageJob, context: RoundContext): Promise<RoundResult> {
  const build = await buildOf();
  if (job.build !== build) throw new EnvironmentError("worker", `build ${job.build}, the training's`, build);
  try {
    if (job.kind === "shard") await runShard(job, { ...context, data });
    else await runAverage(job, context.store);
    return { state: "done" };
  } catch (error) {
    if (error instanceof LostBlobError) return { state: "lost", key: error.path };
    if (!FAILURES.some((type) => error instanceof type)) throw error;
    return { state: "failed", error: failureOf(error as LayerwiseError) };
  }
}

function failureOf(error: LayerwiseError): RoundFailed["error"] {
  const { name, path, expected, got } = error;
  if (!(error instanceof NumericError)) return { name, path, expected, got };
  const { layer, layerName, step } = error;
  return {
    ...{ name, path, expected, got },
    layer: { layer, ...(layerName !== undefined && { name: layerName }) },
    ...(step !== undefined && { step }),
  };
}

/** The error that such a result tells of; undefined where there is none. */
export function errorOf(result: RoundResult): LayerwiseError | undefined {
  if (result.state === "done") return undefined;
  if (result.state === "lost") return new LostBlobError(result.key);
  const { name, path, expected, got, layer, step } = result.error;
  if (layer !== undefined) return new NumericError({ name: undefined, ...layer }, step, expected, got);
  const type = [DataError, ShapeError].find((one) => one.name === name) ?? ConfigError;
  return new type(path, expected, got);
}
