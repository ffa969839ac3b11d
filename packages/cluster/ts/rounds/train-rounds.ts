import { type LittleRoom, littleRoom } from "@layerwise/data";
import type { CreateLayersOptions, CreateOptions, Optimizer, OptimizerData } from "layerwise";
import type { BlobStore } from "../store/blob-store.js";
import { FolderStore } from "../store/folder-store.js";
import { hashOf, hashOfBytes } from "../trial/canonical.js";
import { type AnyNetwork, makeNetwork, openNetwork } from "./any-network.js";
import { type Examples, encodeExamples, shardRows, takeRows } from "./examples.js";
import { NAMES, namesOfRound } from "./job.js";
import { LostBlobError, needed } from "./lost-blob.js";
import { checkPlan, type OuterStep, PLAIN_AVERAGE, type RoundsPlan, type ShardFit } from "./plan.js";
import { noProgress, noteProgress, type Progress, readProgress, writeProgress } from "./progress.js";
import type { Round, RoundRunner } from "./round-runner.js";

export interface RoundReport {
  readonly round: number;
  readonly rounds: number;
  /** The mean loss of the round's examples, over all shards. */
  readonly loss: number;
  /** Of the averaged network; undefined without rows to validate on. */
  readonly validationLoss: number | undefined;
  /** That were trained on in this round. */
  readonly examples: number;
}

export interface RoundsOptions extends Pick<RoundsPlan, "rounds" | "localSteps" | "shards"> {
  readonly network: CreateOptions | CreateLayersOptions;
  readonly fit: Omit<ShardFit, "optimizer"> & { readonly optimizer: Optimizer | OptimizerData };
  /** Default {@link PLAIN_AVERAGE}; {@link DILOCO} is the paper's. */
  readonly outer?: OuterStep;
  readonly runner: RoundRunner;
  /** Where parameters, checkpoints and shards lie: the runner's too. What is there of the same training is gone on from. */
  readonly store: BlobStore;
  /** Of the program that trains: another one's rounds are other ones. */
  readonly build: string;
  /** By whose loss the best round is chosen. Default: none, and the last round is taken. */
  readonly validation?: Examples;
  /** Rounds without a better one before the end. Default: none. */
  readonly patience?: number;
  /** Ends with what is best so far. */
  readonly signal?: AbortSignal;
  readonly onRound?: (report: RoundReport) => void;
  readonly onNote?: (text: string) => void;
  /** Called before the first round where the folder of the store has less room than rounds and model may take. */
  readonly onLittleRoom?: (room: LittleRoom) => void;
}

export interface RoundsOutcome {
  /** The best round's, or the last one's; the caller's to dispose of. */
  readonly network: AnyNetwork;
  /** The mean loss of each round, and the averaged network's on the validation rows. */
  readonly loss: readonly number[];
  readonly validationLoss: readonly number[];
  readonly bestRound: number;
  readonly stoppedBy: "rounds" | "patience" | "signal";
}

/** η = 0.7, μ = 0.9: for many rounds, of which it needs some tens. */
export const DILOCO: OuterStep = { learningRate: 0.7, momentum: 0.9 };

/** How often it begins again at the first round after a store lost what it held. */
const MOST_RESTARTS = 20;

/**
 * Trains one network in rounds, as {@link RoundsPlan} says. The result is the same to the bit for any number of workers,
 * whatever became of some of them, and goes on from what the store has. Raises ConfigError, NumericError, and what the
 * runner and the store raise.
 */
export async function trainRounds(examples: Examples, options: RoundsOptions): Promise<RoundsOutcome> {
  const { store, signal } = options;
  const training = await prepared(examples, options);
  const { plan, run } = training;
  await lookForRoom(training, options);
  let [restarts, known] = [0, 0];
  for (;;) {
    try {
      await fillStore(training, store);
      const stoppedBy = await runRounds(training, options);
      return await outcomeOf(run, store, stoppedBy);
    } catch (error) {
      if (!(error instanceof LostBlobError) || signal?.aborted) throw error;
      const { round } = await readProgress(store, run);
      // Another coordinator of the same training may only be further, and have tidied up.
      if (round > known) known = round;
      else if (restarts++ === MOST_RESTARTS) throw error;
      else {
        options.onNote?.(`the store lost ${error.path}: training begins again at its first round`);
        await forget(plan, run, store);
        known = 0;
      }
    }
  }
}

async function outcomeOf(
  run: string,
  store: BlobStore,
  stoppedBy: RoundsOutcome["stoppedBy"],
): Promise<RoundsOutcome> {
  const { loss, validationLoss, bestRound, round } = await readProgress(store, run);
  const best = bestRound === 0 ? NAMES.parameters(run, round + 1) : NAMES.best(run);
  const network = await openNetwork(await needed(store, best));
  return { network, loss, validationLoss, bestRound: bestRound === 0 ? round : bestRound, stoppedBy };
}

interface Training {
  readonly plan: RoundsPlan;
  readonly run: string;
  readonly build: string;
  /** The network before the first round. */
  readonly first: Uint8Array;
  readonly shards: readonly { readonly sha256: string; readonly bytes: Uint8Array }[];
}

async function prepared(examples: Examples, options: RoundsOptions): Promise<Training> {
  const { rounds, localSteps, shards, outer = PLAIN_AVERAGE, build } = options;
  const { optimizer, ...fit } = options.fit;
  using network = await makeNetwork(options.network);
  const rule = "toJSON" in optimizer ? optimizer.toJSON() : optimizer;
  const plan: RoundsPlan = {
    ...{ rounds, localSteps, shards, outer },
    network: network.config,
    fit: { ...fit, optimizer: rule },
  };
  checkPlan(plan, examples.x.rows);
  const rows = await shardRows(examples.x.rows, shards, plan.network.seed);
  const parts = rows.map((own) => {
    const bytes = encodeExamples(takeRows(examples, own));
    return { sha256: hashOfBytes(bytes), bytes };
  });
  const run = hashOf({ plan, build, data: parts.map(({ sha256 }) => sha256) }).slice(0, 32);
  return { plan, run, build, first: network.toBytes(), shards: parts };
}

/** Of a network in a round, of each shard: its numbers and the optimizer's, two moments at most. */
const BLOCKS_OF_A_SHARD = 3;

/** Two rounds lie in the store side by side; besides are what is best, two averages, and the model that is made of them. */
const [ROUNDS_SIDE_BY_SIDE, AVERAGES] = [2, 4];

async function lookForRoom(
  { plan, first, shards }: Training,
  { store, onLittleRoom }: RoundsOptions,
): Promise<void> {
  if (onLittleRoom === undefined || !(store instanceof FolderStore)) return;
  const networks = ROUNDS_SIDE_BY_SIDE * BLOCKS_OF_A_SHARD * plan.shards + AVERAGES;
  const data = shards.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const little = await littleRoom(store.folder, networks * first.length + data);
  if (little !== undefined) onLittleRoom(little);
}

/** What the first round needs, where the store doesn't have it. */
async function fillStore({ run, first, shards }: Training, store: BlobStore): Promise<void> {
  for (const { sha256, bytes } of shards) {
    if (!(await store.has(NAMES.data(sha256)))) await store.put(NAMES.data(sha256), bytes);
  }
  const { round } = await readProgress(store, run);
  if (round === 0) await store.put(NAMES.parameters(run, 1), first);
}

async function runRounds(training: Training, options: RoundsOptions): Promise<RoundsOutcome["stoppedBy"]> {
  const { store, runner, signal, patience = Number.POSITIVE_INFINITY } = options;
  const { plan, run } = training;
  let progress = await readProgress(store, run);
  while (progress.round < plan.rounds) {
    if (progress.bestRound > 0 && progress.round - progress.bestRound >= patience) return "patience";
    if (signal?.aborted) return stopped(progress, signal);
    try {
      await runner.runRound(roundOf(training, progress.round + 1), { ...(signal && { signal }) });
    } catch (error) {
      if (signal?.aborted) return stopped(progress, signal);
      throw error;
    }
    progress = await finishRound(training, options, progress);
    for (const name of namesOfRound(run, progress.round - 1, plan.shards)) await store.delete(name);
  }
  return "rounds";
}

/** Raises the signal's reason where there is no network yet. */
function stopped({ round }: Progress, signal: AbortSignal): "signal" {
  if (round === 0) throw signal.reason;
  return "signal";
}

function roundOf({ plan, run, build, shards }: Training, round: number): Round {
  const common = { version: 1 as const, build, run, plan, round };
  return {
    shards: shards.map(({ sha256 }, shard) => ({ kind: "shard" as const, ...common, shard, data: sha256 })),
    average: { kind: "average", ...common },
  };
}

/** Notes the round's losses, and whether it is the best. */
async function finishRound(
  { plan, run }: Training,
  { store, validation, onRound }: RoundsOptions,
  before: Progress,
): Promise<Progress> {
  const round = before.round + 1;
  const bytes = await needed(store, NAMES.parameters(run, round + 1));
  let [weighted, examples] = [0, 0];
  for (let shard = 0; shard < plan.shards; shard++) {
    const text = new TextDecoder().decode(await needed(store, NAMES.result(run, round, shard)));
    const result = JSON.parse(text) as { loss: number; examples: number };
    weighted += result.loss * result.examples;
    examples += result.examples;
  }
  const validationLoss = validation === undefined ? undefined : await lossOn(bytes, validation);
  const isBest =
    validationLoss !== undefined &&
    validationLoss < (before.validationLoss[before.bestRound - 1] ?? Infinity);
  if (isBest) await store.put(NAMES.best(run), bytes);
  const progress: Progress = {
    round,
    loss: [...before.loss, weighted / examples],
    validationLoss: validationLoss === undefined ? [] : [...before.validationLoss, validationLoss],
    bestRound: isBest ? round : before.bestRound,
  };
  await noteProgress(store, run, progress);
  onRound?.({ round, rounds: plan.rounds, loss: weighted / examples, validationLoss, examples });
  return progress;
}

async function lossOn(bytes: Uint8Array, { x, y }: Examples): Promise<number> {
  using network = await openNetwork(bytes);
  return network.evaluate(x, y).loss;
}

/** Everything of a training whose store lost a part. */
async function forget({ rounds, shards }: RoundsPlan, run: string, store: BlobStore): Promise<void> {
  const { round } = await readProgress(store, run);
  for (let one = Math.max(1, round - 1); one <= Math.min(rounds, round + 1) + 1; one++) {
    for (const name of namesOfRound(run, one, shards)) await store.delete(name);
  }
  await writeProgress(store, run, noProgress());
}
