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
    const expected = `magic number ${expectedMagic} (bytes, ${rank} sizes: ${hex(expectedMagic)}, not ${hex(magic)})`;
    throw new DataFileError(file, expected, otherKind(bytes) ?? `${magic}`);
  }
  const sizes = Array.from({ length: rank }, (_, i) => bytes.readUInt32BE(4 + 4 * i));
  const length = sizes.reduce((product, size) => product * size, 1);
  const data = bytes.subarray(headerLength);
  if (data.length !== length) {
    throw new DataFileError(file, `${sizes.join("·")} = ${length} bytes after the header`, `${data.length}`);
  }
  return { sizes, data };
}

function hex(magic: number): string {
  return `0x${magic.toString(16).padStart(8, "0")}`;
}

/** What files that aren't IDX begin with. */
const OTHER_KINDS = [
  { begins: "\x1f\x8b", kind: "gzip inside gzip: unpack it" },
  { begins: "PK\x03\x04", kind: "a zip file: unpack it" },
  { begins: "\x93NUMPY", kind: "NumPy's .npy" },
  { begins: "\x89PNG", kind: "a PNG image" },
  { begins: "version https://git-lfs", kind: "a Git LFS pointer: git lfs pull gets the file" },
  { begins: "<", kind: "HTML: an error page in the place of the file" },
  { begins: "{", kind: "JSON" },
];

function otherKind(bytes: Buffer): string | undefined {
  const start = bytes.toString("latin1", 0, 64).trimStart();
  const found = OTHER_KINDS.find(({ begins }) => start.startsWith(begins));
  return found === undefined ? undefined : `what looks like ${found.kind}`;
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
