import type { BlobStore } from "../store/blob-store.js";
import { NAMES } from "./job.js";

/** How far a training in rounds came. */
export interface Progress {
  /** Rounds that are done. */
  readonly round: number;
  /** Of each of them. */
  readonly loss: readonly number[];
  readonly validationLoss: readonly number[];
  /** 0: none. */
  readonly bestRound: number;
}

export function noProgress(): Progress {
  return { round: 0, loss: [], validationLoss: [], bestRound: 0 };
}

export async function readProgress(store: BlobStore, run: string): Promise<Progress> {
  const bytes = await store.get(NAMES.progress(run));
  return bytes === undefined ? noProgress() : (JSON.parse(new TextDecoder().decode(bytes)) as Progress);
}

/** Unless another coordinator of the same training is further. */
export async function noteProgress(store: BlobStore, run: string, progress: Progress): Promise<void> {
  const { round } = await readProgress(store, run);
  if (round < progress.round) await writeProgress(store, run, progress);
}

export async function writeProgress(store: BlobStore, run: string, progress: Progress): Promise<void> {
  await store.put(NAMES.progress(run), new TextEncoder().encode(JSON.stringify(progress)));
}
