import type { RoundsPlan } from "./plan.js";

/** What jobs of one training in rounds have in common: plain JSON, never code. */
interface RoundJob {
  readonly version: 1;
  /** Another build refuses. */
  readonly build: string;
  /** By which the store's keys begin: a hash of the plan, the data and the build. */
  readonly run: string;
  readonly plan: RoundsPlan;
  /** 1 … rounds. */
  readonly round: number;
}

/** The local steps of one shard in one round. */
export interface ShardJob extends RoundJob {
  readonly kind: "shard";
  readonly shard: number;
  /** SHA-256 of the shard's examples, which the store has as `data/<sha256>`. */
  readonly data: string;
}

/** The mean and the outer step, when all shards of a round are done. */
export interface AverageJob extends RoundJob {
  readonly kind: "average";
}

/** What a shard came to. All of it is the same wherever and however often it is run. */
export interface ShardResult {
  /** The mean loss of the round's examples, each before its step. */
  readonly loss: number;
  readonly examples: number;
}

/** What makes a job another one than all others. */
export function keyOfRound(job: ShardJob | AverageJob): string {
  return `${job.run}-${job.round}-${job.kind === "shard" ? job.shard : "average"}`;
}

/** Where the store has what a round begins with and what its shards came to. */
export const NAMES = {
  /** Θ before the round, a model file. */
  parameters: (run: string, round: number) => `rounds/${run}/${round}/parameters`,
  /** v before the round, in float64. */
  velocity: (run: string, round: number) => `rounds/${run}/${round}/velocity`,
  /** A shard's checkpoint after the round. */
  checkpoint: (run: string, round: number, shard: number) => `rounds/${run}/${round}/shard-${shard}`,
  /** Its {@link ShardResult}, written last: where it is, the checkpoint is too. */
  result: (run: string, round: number, shard: number) => `rounds/${run}/${round}/shard-${shard}.json`,
  /** How far the coordinator came. */
  progress: (run: string) => `rounds/${run}/progress.json`,
  best: (run: string) => `rounds/${run}/best`,
  data: (sha256: string) => `data/${sha256}`,
} as const;

/** Everything of a round but what the next one begins with. */
export function namesOfRound(run: string, round: number, shards: number): string[] {
  return [
    NAMES.parameters(run, round),
    NAMES.velocity(run, round),
    ...Array.from({ length: shards }, (_, shard) => NAMES.checkpoint(run, round, shard)),
    ...Array.from({ length: shards }, (_, shard) => NAMES.result(run, round, shard)),
  ];
}
