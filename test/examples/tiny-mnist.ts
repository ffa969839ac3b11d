import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

export const IMAGES_MAGIC = 2051;
export const LABELS_MAGIC = 2049;

/** An IDX file's bytes. */
export function idx(magic: number, sizes: readonly number[], data: Uint8Array): Buffer {
  const header = Buffer.alloc(4 + 4 * sizes.length);
  [magic, ...sizes].forEach((number, i) => {
    header.writeUInt32BE(number, 4 * i);
  });
  return Buffer.concat([header, data]);
}

/** Digit d is a 4×4 image whose pixel d is white: 200 to learn from, 50 to test with. */
export function writeTinyMnist(place: string, compressed = false): string {
  mkdirSync(place);
  for (const [prefix, count] of [
    ["train", 200],
    ["t10k", 50],
  ] as const) {
    const digits = Uint8Array.from({ length: count }, (_, i) => i % 10);
    const pixels = new Uint8Array(count * 16);
    digits.forEach((digit, i) => {
      pixels[16 * i + digit] = 255;
    });
    const write = (name: string, bytes: Buffer) =>
      writeFileSync(join(place, compressed ? `${name}.gz` : name), compressed ? gzipSync(bytes) : bytes);
    write(`${prefix}-images-idx3-ubyte`, idx(IMAGES_MAGIC, [count, 4, 4], pixels));
    write(`${prefix}-labels-idx1-ubyte`, idx(LABELS_MAGIC, [count], digits));
  }
  return place;
}
