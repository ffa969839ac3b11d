/** The number types of safetensors, and the bytes that one number takes. */
export const TENSOR_BYTES = {
  BOOL: 1,
  F4: 1 / 2,
  F6_E2M3: 3 / 4,
  F6_E3M2: 3 / 4,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  F8_E8M0: 1,
  F8_E4M3FNUZ: 1,
  F8_E5M2FNUZ: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  C64: 8,
  I64: 8,
  U64: 8,
  F64: 8,
} as const;

export type TensorType = keyof typeof TENSOR_BYTES;

export function isTensorType(text: string): text is TensorType {
  return Object.hasOwn(TENSOR_BYTES, text);
}
