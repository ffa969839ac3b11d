// A training whose files can't be written isn't lost: where it is, and how it goes on.
import { type Dirent, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { LittleRoom } from "@layerwise/data";
import { StorageError } from "layerwise";

/** Beside what train writes, where it is until that is written. */
export const CHECKPOINT = "checkpoint";
const ROUNDS_STORE = "rounds";

/** Where rounds keep what they train: the store that was asked for, or a folder beside the output. */
export function roundsStore(folder: string, store: string | undefined): string {
  return store ?? join(folder, ROUNDS_STORE);
}

/**
 * The error, and of a StorageError where the training is and what goes on from there: in the first of these files or folders that is there.
 * @param command - that goes on
 */
export function withWhatIsKept(error: unknown, places: readonly string[], command: string): unknown {
  if (!(error instanceof StorageError)) return error;
  const kept = places.find(isThere);
  if (kept === undefined) return error;
  const { path, expected, got, cause } = error;
  const hint = `what is trained is kept in ${kept}, and ${command} goes on from it`;
  return new StorageError(path, expected, `${got}; ${hint}`, { cause });
}

/** Of a folder: with files in it, at any depth, that are whole and not the data that were read. */
function isThere(place: string): boolean {
  try {
    if (statSync(place).isFile()) return true;
    const entries = readdirSync(place, { recursive: true, withFileTypes: true });
    const isData = ({ parentPath }: Dirent) => parentPath === join(place, "data");
    return entries.some((entry) => entry.isFile() && !entry.name.endsWith(".tmp") && !isData(entry));
  } catch {
    return false;
  }
}

export function littleRoomText({ folder, free, needed }: LittleRoom): string {
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
  return `${megabytes(free)} free in ${folder}, where checkpoints and model may take ${megabytes(needed)}`;
}
