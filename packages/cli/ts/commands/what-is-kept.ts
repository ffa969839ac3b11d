// A training whose files can't be written isn't lost: where it is, and how it goes on.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { LittleRoom } from "@layerwise/data";
import { StorageError } from "layerwise";

/** Beside what train writes, where it is until that is written. */
export const CHECKPOINT = "checkpoint";
export const ROUNDS_STORE = "rounds";

/** The error, with where the training is and what goes on from there. */
export function withWhatIsKept(error: StorageError, folder: string): StorageError {
  const kept = [CHECKPOINT, ROUNDS_STORE].map((name) => join(folder, name)).find(hasFiles);
  if (kept === undefined) return error;
  const { path, expected, got, cause } = error;
  const hint = `what is trained is kept in ${kept}, and the same command with --resume goes on from it`;
  return new StorageError(path, expected, `${got}; ${hint}`, { cause });
}

function hasFiles(folder: string): boolean {
  try {
    return readdirSync(folder).some((name) => !name.endsWith(".tmp"));
  } catch {
    return false;
  }
}

export function littleRoomText({ folder, free, needed }: LittleRoom): string {
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
  return `${megabytes(free)} free in ${folder}, where checkpoints and model may take ${megabytes(needed)}`;
}
