import type { OnnxAttributes } from "../catalog/activations.js";
import { DATA_TYPE } from "../catalog/onnx-data-types.js";
import type { Dtype } from "../config/dtype.js";
import type { Floats } from "../engine/memory.js";
import { bytes, type Field, float, integer, message, text } from "./protobuf.js";

/** The messages that an ONNX graph is made of. */

/** AttributeProto.type. */
const FLOAT = 1;
const INT = 2;
const INTS = 7;

/** GraphProto.node. */
export function node(
  operator: string,
  inputs: readonly string[],
  output: string,
  { ints = {}, floats = {}, lists = {} }: OnnxAttributes,
): Field {
  return message(
    1,
    ...inputs.map((name) => text(1, name)),
    text(2, output),
    text(3, output),
    text(4, operator),
    ...Object.entries(floats).map(([name, value]) =>
      message(5, text(1, name), float(2, value), integer(20, FLOAT)),
    ),
    ...Object.entries(ints).map(([name, value]) =>
      message(5, text(1, name), integer(3, value), integer(20, INT)),
    ),
    ...Object.entries(lists).map(([name, values]) =>
      message(5, text(1, name), ...values.map((value) => integer(8, value)), integer(20, INTS)),
    ),
  );
}

/** GraphProto.initializer: a tensor with its numbers as they stand in (little-endian) memory. */
export function initializer(
  name: string,
  shape: readonly number[],
  { buffer, byteOffset, byteLength }: Floats | BigInt64Array,
  dtype: keyof typeof DATA_TYPE,
): Field {
  return message(
    5,
    ...shape.map((size) => integer(1, size)),
    integer(2, DATA_TYPE[dtype]),
    text(8, name),
    bytes(9, new Uint8Array(buffer, byteOffset, byteLength)),
  );
}

/** GraphProto.input or output: batch × width, where the batch may be of any size. */
export function valueInfo(field: number, name: string, width: number, dtype: Dtype): Field {
  const shape = message(2, message(1, text(2, "batch")), message(1, integer(1, width)));
  return message(field, text(1, name), message(2, message(1, integer(1, DATA_TYPE[dtype]), shape)));
}
