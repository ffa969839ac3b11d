import type { Engine } from "../engine/engine.js";
import { FormatError, ResourceError } from "../errors/errors.js";
import { encodeUtf8 } from "../platform/text.js";
import { LENGTH_BYTES } from "./limits.js";
import type { MetadataReader } from "./metadata.js";
import { type NewTensor, serializeSafetensors } from "./safetensors.js";
import { sha256 } from "./sha256.js";

/**
 * A file's checksum is the SHA-256 of all its bytes, where the checksum's own 64 digits count as zeros.
 * It stands first in `__metadata__`.
 */
const KEY = "sha256";
const BLANK = "0".repeat(64);
const PLACE = LENGTH_BYTES + `{"__metadata__":{"${KEY}":"`.length;

/** The whole file with its checksum. */
export function* serializeWithChecksum(
  engine: Engine,
  tensors: readonly NewTensor[],
  metadata: ReadonlyMap<string, string>,
): Generator<void, Uint8Array<ArrayBuffer>> {
  const file = yield* inMemory(serializeSafetensors(tensors, new Map([[KEY, BLANK], ...metadata])));
  const digits = yield* checksum(engine, file, PLACE);
  file.set(encodeUtf8(digits), PLACE);
  return file;
}

/** Raises ResourceError where JavaScript has no room for the file, or no array is so long. */
function* inMemory<File>(making: Generator<void, File>): Generator<void, File> {
  try {
    return yield* making;
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new ResourceError("file", "memory for all of its bytes", cause.message, { cause });
  }
}

/** Raises FormatError unless the file's bytes are those that the checksum was made of. */
export function* checkChecksum(
  engine: Engine,
  file: Uint8Array,
  metadata: MetadataReader,
): Generator<void, void> {
  const expected = metadata.digest(KEY);
  const { byteOffset } = metadata.text(KEY);
  const got = yield* checksum(engine, file, byteOffset);
  if (got !== expected) {
    throw new FormatError("checksum", byteOffset, "file", `bytes with SHA-256 ${expected}`, got);
  }
}

function checksum(engine: Engine, file: Uint8Array, at: number): Generator<void, string> {
  const blank = encodeUtf8(BLANK);
  return sha256(engine, [file.subarray(0, at), blank, file.subarray(at + BLANK.length)]);
}
