import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

/** An array of bytes as MNIST's files hold it; `data` is row-major. */
export interface IdxArray {
  readonly sizes: readonly number[];
  readonly data: Uint8Array;
}

/** A data file that isn't what it should be. */
export class DataFileError extends Error {
  override readonly name = "DataFileError";

  constructor(file: string, expected: string, got: string) {
    super(`${file}: expected ${expected}, got ${got}`);
  }
}

/** The third byte of a file of unsigned bytes. */
const UNSIGNED_BYTE = 0x08;

/**
 * Reads an IDX file, raw or compressed by gzip: the magic number 0x0000, type, rank; the sizes, 32 bits
 * each, big-endian; the elements. Raises DataFileError unless it holds bytes, has `rank` sizes, and is as
 * long as they say.
 */
export function readIdx(file: string, rank: number): IdxArray {
  const bytes = unzipped(file, readFileSync(file));
  const headerLength = 4 + 4 * rank;
  if (bytes.length < headerLength) {
    throw new DataFileError(file, `a header of ${headerLength} bytes`, `${bytes.length} bytes in all`);
  }
  const magic = bytes.readUInt32BE(0);
  const expectedMagic = (UNSIGNED_BYTE << 8) | rank;
  if (magic !== expectedMagic) {
    throw new DataFileError(file, `magic number ${expectedMagic} (bytes, ${rank} sizes)`, `${magic}`);
  }
  const sizes = Array.from({ length: rank }, (_, i) => bytes.readUInt32BE(4 + 4 * i));
  const length = sizes.reduce((product, size) => product * size, 1);
  const data = bytes.subarray(headerLength);
  if (data.length !== length) {
    throw new DataFileError(file, `${sizes.join("·")} = ${length} bytes after the header`, `${data.length}`);
  }
  return { sizes, data };
}

function unzipped(file: string, bytes: Buffer): Buffer {
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  if (!isGzip) return bytes;
  try {
    return gunzipSync(bytes);
  } catch (error) {
    throw new DataFileError(file, "a whole gzip file", error instanceof Error ? error.message : `${error}`);
  }
}
