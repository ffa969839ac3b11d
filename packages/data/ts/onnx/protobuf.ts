/*
 * Protocol Buffers messages, written and read: the kinds of field that an ONNX model has. Libraries of it weigh more than this
 * package. Source: https://protobuf.dev/programming-guides/encoding
 */

/** Parts of a message, joined at the end. */
export type Field = readonly Uint8Array[];

const VARINT = 0;
const FIXED_64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;

/** A non-negative integer below 2⁵³. */
export function integer(field: number, value: number): Field {
  return [varint(field * 8 + VARINT), varint(value)];
}

export function text(field: number, value: string): Field {
  return bytes(field, new TextEncoder().encode(value));
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
export function join(...fields: readonly Field[]): Uint8Array {
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

/** A field as it was read: `whole` with its number, `body` what it holds (a view), `value` an integer's. */
export interface ReadField {
  readonly field: number;
  readonly whole: Uint8Array;
  readonly body: Uint8Array;
  readonly value: number;
}

/** The fields of a message, one after the other. */
export function* fieldsOf(message: Uint8Array): Generator<ReadField> {
  let at = 0;
  const next = () => {
    let [value, unit] = [0, 1];
    for (;;) {
      const byte = message[at++] ?? 0;
      value += (byte % 128) * unit;
      if (byte < 128) return value;
      unit *= 128;
    }
  };
  while (at < message.length) {
    const start = at;
    const key = next();
    const kind = key % 8;
    const value = kind === VARINT || kind === LENGTH_DELIMITED ? next() : 0;
    const length = { [FIXED_64]: 8, [FIXED_32]: 4, [LENGTH_DELIMITED]: value }[kind] ?? 0;
    const body = message.subarray(at, at + length);
    at += length;
    yield { field: Math.floor(key / 8), whole: message.subarray(start, at), body, value };
  }
}

export function textOf({ body }: ReadField): string {
  return new TextDecoder().decode(body);
}
