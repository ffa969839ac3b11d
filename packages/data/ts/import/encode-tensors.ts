import { type Tensor, transposed } from "./tensors.js";

/** A safetensors file of these, weights turned to outputs × inputs, as the core reads another program's. */
export function encodeTensors(tensors: ReadonlyMap<string, Tensor>): Uint8Array {
  const header: Record<string, unknown> = {};
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const [name, given] of tensors) {
    const { shape, data } = given.shape.length === 2 ? transposed(given, name) : given;
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const dtype = data instanceof Float64Array ? "F64" : "F32";
    header[name] = { dtype, shape, data_offsets: [at, at + bytes.length] };
    parts.push(bytes);
    at += bytes.length;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil(text.length / 8) * 8;
  const file = new Uint8Array(8 + length + at).fill(0x20, 8, 8 + length);
  new DataView(file.buffer).setBigUint64(0, BigInt(length), true);
  file.set(text, 8);
  let start = 8 + length;
  for (const part of parts) {
    file.set(part, start);
    start += part.length;
  }
  return file;
}
