import type { BlobStore } from "../store/blob-store.js";
import { runAverage } from "./average.js";
import type { AverageJob, ShardJob } from "./job.js";
import { runShard } from "./run-shard.js";
import { ShardData } from "./shard-data.js";

/** A round: shards that don't depend on each other, and what is done when all of them are. */
export interface Round {
  readonly shards: readonly ShardJob[];
  readonly average: AverageJob;
}

/** Runs rounds: here, on this machine's processes, or on workers elsewhere. */
export interface RoundRunner {
  /**
   * Resolves when the average is in the store. Rejects with a training's own error, with LostBlobError, and with the signal's reason.
   */
  runRound(round: Round, options?: { readonly signal?: AbortSignal }): Promise<void>;
}

/** One shard after the other, in this process. */
export function inProcess(store: BlobStore, threads: "auto" | number = "auto"): RoundRunner {
  const data = new ShardData();
  return {
    async runRound({ shards, average }, { signal } = {}) {
      for (const job of shards) await runShard(job, { store, data, threads, ...(signal && { signal }) });
      await runAverage(average, store);
    },
  };
}
