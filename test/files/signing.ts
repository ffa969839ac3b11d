// Files that no honest program writes, with a header and a checksum as a forger would make them.
import { createHash } from "node:crypto";

const KEY = '"sha256":"';

/** A safetensors file of this header text and data. */
export function fileOf(header: string | Uint8Array, data: Uint8Array = new Uint8Array()): Uint8Array {
  const json = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const file = new Uint8Array(8 + json.length + data.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  file.set(data, 8 + json.length);
  return file;
}

/** The header's text and the data of a file. */
export function partsOf(file: Uint8Array): { header: string; data: Uint8Array } {
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  return { header: new TextDecoder().decode(file.subarray(8, 8 + length)), data: file.subarray(8 + length) };
}

/** The file with its checksum made anew: SHA-256 of all bytes, its own digits taken as zeros. */
export function signed(file: Uint8Array): Uint8Array {
  const copy = Buffer.from(file);
  const at = copy.indexOf(KEY) + KEY.length;
  if (at < KEY.length || at + 64 > copy.length) return copy;
  copy.fill("0", at, at + 64);
  copy.write(createHash("sha256").update(copy).digest("hex"), at);
  return copy;
}

/** The file with its header's text changed, its length and checksum fitting again. */
export function forged(file: Uint8Array, change: (header: string) => string): Uint8Array {
  const { header, data } = partsOf(file);
  const changed = change(header);
  if (changed === header) throw new Error("the header should have changed");
  return signed(fileOf(changed, data));
}

/** The file with its data changed, its checksum fitting again. */
export function forgedData(file: Uint8Array, change: (data: DataView) => void): Uint8Array {
  const { header, data } = partsOf(file);
  const copy = data.slice();
  change(new DataView(copy.buffer));
  return signed(fileOf(header, copy));
}
