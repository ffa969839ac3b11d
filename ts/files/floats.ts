import { describe, FormatError } from "../errors/errors.js";
import type { TensorEntry } from "./header.js";
import type { Safetensors } from "./safetensors.js";
import { TENSOR_BYTES, type TensorType } from "./tensor-type.js";

/** The numbers of a tensor, read one by one and widened where the network's dtype has more bits. */

/** The number types that parameters may have in a file: each is exact in the next. */
export type FloatType = "F16" | "BF16" | "F32" | "F64";

/** All bits of a number's exponent, in its last two bytes: set in infinities and NaN alone. */
const EXPONENT: Record<FloatType, number> = { F16: 0x7c00, BF16: 0x7f80, F32: 0x7f80, F64: 0x7ff0 };

/** 2⁻²⁴, the smallest F16. */
const SMALLEST_F16 = 2 ** -24;

/** What an F16's exponent lacks to an F32's. */
const EXPONENT_SHIFT = 127 - 15;

export function isFloatType(type: TensorType): type is FloatType {
  return Object.hasOwn(EXPONENT, type);
}

/** Raises FormatError for the first number that is infinite or NaN. */
export function checkFinite({ bytes, dataStart }: Safetensors, tensor: TensorEntry): void {
  const { dtype, name } = tensor;
  if (!isFloatType(dtype)) return;
  const size = TENSOR_BYTES[dtype];
  const mask = EXPONENT[dtype];
  const view = new DataView(bytes.buffer, bytes.byteOffset + dataStart);
  for (let at = tensor.start; at < tensor.end; at += size) {
    if ((view.getUint16(at + size - 2, true) & mask) !== mask) continue;
    const place = `${describe(name)}[${(at - tensor.start) / size}]`;
    throw new FormatError("finite", dataStart + at, place, "finite numbers", `${readFloat[dtype](view, at)}`);
  }
}

/** A number of each type at a byte of the view, little-endian. */
export const readFloat: Record<FloatType, (view: DataView, at: number) => number> = {
  F16: (view, at) => widenF16(view.getUint16(at, true)),
  BF16: (view, at) => fromBits(view.getUint16(at, true) << 16),
  F32: (view, at) => view.getFloat32(at, true),
  F64: (view, at) => view.getFloat64(at, true),
};

/** Sign, 5 bits of exponent, 10 of fraction; exact. */
function widenF16(bits: number): number {
  const sign = (bits & 0x8000) << 16;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return (sign < 0 ? -fraction : fraction) * SMALLEST_F16;
  const widened = exponent === 0x1f ? 0xff : exponent + EXPONENT_SHIFT;
  return fromBits(sign | (widened << 23) | (fraction << 13));
}

const scratch = new DataView(new ArrayBuffer(4));

function fromBits(bits: number): number {
  scratch.setInt32(0, bits);
  return scratch.getFloat32(0);
}
