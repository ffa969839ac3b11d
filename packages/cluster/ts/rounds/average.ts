import type { BlobStore } from "../store/blob-store.js";
import { openNetwork } from "./any-network.js";
import { type Flat, flatOf, layersOf } from "./flat.js";
import { type AverageJob, NAMES } from "./job.js";
import { needed } from "./lost-blob.js";
import type { OuterStep } from "./plan.js";

/**
 * The parameters that the next round begins with, from all shards' checkpoints of this one; leaves them in the store. A job
 * that was run before does nothing. Raises LostBlobError.
 */
export async function runAverage(job: AverageJob, store: BlobStore): Promise<void> {
  const { run, round, plan } = job;
  if (await store.has(NAMES.parameters(run, round + 1))) return;
  using network = await openNetwork(await needed(store, NAMES.parameters(run, round)));
  const layers = network.parameters();
  const begun = flatOf(layers);
  const mean = await meanOf(job, store, begun);
  const velocity =
    plan.outer.momentum === 0
      ? undefined
      : round === 1
        ? new Float64Array(begun.parameters.length)
        : numbersOf(await needed(store, NAMES.velocity(run, round)));
  outerStep(begun.parameters, mean.parameters, velocity, plan.outer);
  network.setParameters(layersOf({ ...begun, statistics: mean.statistics }, layers) as typeof layers);
  if (velocity !== undefined) {
    await store.put(NAMES.velocity(run, round + 1), new Uint8Array(velocity.buffer));
  }
  await store.put(NAMES.parameters(run, round + 1), network.toBytes());
}

/** 1/s·Σ over the shards, in their order. */
async function meanOf({ run, round, plan }: AverageJob, store: BlobStore, like: Flat): Promise<Flat> {
  const { shards } = plan;
  const sum = {
    parameters: new Float64Array(like.parameters.length),
    statistics: new Float64Array(like.statistics.length),
  };
  for (let shard = 0; shard < shards; shard++) {
    using trained = await openNetwork(await needed(store, NAMES.checkpoint(run, round, shard)));
    const own = flatOf(trained.parameters());
    addTo(sum.parameters, own.parameters);
    addTo(sum.statistics, own.statistics);
  }
  for (const block of [sum.parameters, sum.statistics]) {
    for (let i = 0; i < block.length; i++) block[i] = (block[i] ?? 0) / shards;
  }
  return sum;
}

function addTo(sum: Float64Array, numbers: Float64Array): void {
  for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) + (numbers[i] ?? 0);
}

/** d ← Θ − mean, v ← μ·v + d, Θ ← Θ − η·(d + μ·v), in place. With η = 1 and μ = 0 it is the mean itself, to the bit. */
export function outerStep(
  parameters: Float64Array,
  mean: Float64Array,
  velocity: Float64Array | undefined,
  { learningRate, momentum }: OuterStep,
): void {
  if (velocity === undefined && learningRate === 1) {
    parameters.set(mean);
    return;
  }
  for (let i = 0; i < parameters.length; i++) {
    const theta = parameters[i] ?? 0;
    const difference = theta - (mean[i] ?? 0);
    const v = momentum * (velocity?.[i] ?? 0) + difference;
    if (velocity !== undefined) velocity[i] = v;
    parameters[i] = theta - learningRate * (difference + momentum * v);
  }
}

function numbersOf(bytes: Uint8Array): Float64Array<ArrayBuffer> {
  return new Float64Array(bytes.slice().buffer);
}
