import { encodeUtf8 } from "../platform/text.js";

/**
 * Writes Protocol Buffers messages: the four kinds of field that an ONNX model of dense layers needs.
 * A library would bring ten times this page to every browser for a format that is written in one place.
 * Source: https://protobuf.dev/programming-guides/encoding
 */

/** Parts of a message, joined at the end. */
export type Field = readonly Uint8Array[];

const VARINT = 0;
const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;

/** A non-negative integer below 2⁵³. */
export function integer(field: number, value: number): Field {
  return [varint(field * 8 + VARINT), varint(value)];
}

/** A number in float32. */
export function float(field: number, value: number): Field {
  const bits = new Uint8Array(4);
  new DataView(bits.buffer).setFloat32(0, value, true);
  return [varint(field * 8 + FIXED_32), bits];
}

export function text(field: number, value: string): Field {
  return bytes(field, encodeUtf8(value));
}

export function bytes(field: number, value: Uint8Array): Field {
  return [varint(field * 8 + LENGTH_DELIMITED), varint(value.length), value];
}

/** A message within a message. */
export function message(field: number, ...fields: readonly Field[]): Field {
  const parts = fields.flat();
  return [varint(field * 8 + LENGTH_DELIMITED), varint(totalLength(parts)), ...parts];
}

/** The outermost message. */
export function join(...fields: readonly Field[]): Uint8Array<ArrayBuffer> {
  const parts = fields.flat();
  const joined = new Uint8Array(totalLength(parts));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

export function totalLength(parts: Field): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

/** Seven bits a byte, the lowest first; the highest bit says that more follow. */
function varint(value: number): Uint8Array {
  const digits: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) digits.push((rest % 128) + 128);
  digits.push(rest);
  return Uint8Array.from(digits);
}
