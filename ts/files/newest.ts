import { FormatError, StorageError, shortened } from "../errors/errors.js";
import { withoutSecrets } from "../platform/secrets.js";
import { readBytes } from "./own-bytes.js";
import { MOST_KEPT, type ModelStore } from "./store.js";

/** Reported when the newest generation of a file is missing or damaged and an older one is taken. */
export interface Recovery {
  readonly path: string;
  /** 1: the last before the newest; 2: the one before that; … */
  readonly generation: number;
  /** What is wrong with the newest one. */
  readonly reason: FormatError | StorageError;
}

/**
 * The newest generation that `decode` takes, tried from 0 on; `recovery` says if it is an older one.
 * Raises what is wrong with the newest where no older one helps.
 */
export async function readNewest<Decoded>(
  store: ModelStore,
  path: string,
  decode: (bytes: Uint8Array) => Promise<Decoded>,
): Promise<{ readonly decoded: Decoded; readonly recovery: Recovery | undefined }> {
  let reason: FormatError | StorageError | undefined;
  for (let generation = 0; generation <= MOST_KEPT; generation++) {
    const bytes = await readBytes(store, path, generation);
    if (bytes === undefined) {
      reason ??= new StorageError(path, "a file", "none");
      continue;
    }
    try {
      const decoded = await decode(bytes);
      return { decoded, recovery: reason === undefined ? undefined : { path, generation, reason } };
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      reason ??= error;
    }
  }
  throw reason;
}

/** A path may be a text of any length; a warning is a line. */
const LONGEST_PATH = 500;

/** What is done about a recovery if the caller doesn't say. */
export function warnOfRecovery({ path, generation, reason }: Recovery): void {
  const name = shortened(withoutSecrets(path), LONGEST_PATH);
  console.warn(
    `layerwise: took generation ${generation} of ${name}, since the newest is no use: ${reason.message}`,
  );
}
