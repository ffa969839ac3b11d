import { type Activation, activationRow, type OnnxAttributes } from "../catalog/activations.js";
import type { NetworkConfig } from "../config/config.js";
import type { Dtype } from "../config/dtype.js";
import type { Metadata } from "../config/metadata.js";
import type { Floats } from "../engine/memory.js";
import { ConfigError, ResourceError } from "../errors/errors.js";
import type { LayerParameters } from "../model/parameters.js";
import { VERSION } from "../platform/version.js";
import { bytes, type Field, float, integer, join, message, text, totalLength } from "./protobuf.js";

/**
 * An ONNX model of the network: Gemm (Z = X·Wᵀ + b) and an activation per layer.
 * Field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */

/** Opset 13 has all operators in their present form but Relu-14, which adds integers; IR version 7 goes with it. */
const OPSET = 13;
const IR_VERSION = 7;

const DATA_TYPE: Record<Dtype, number> = { float32: 1, float64: 11 };

/** AttributeProto.type. */
const FLOAT = 1;
const INT = 2;

/** A protobuf message ends here for many readers. */
const LARGEST = 2 ** 31 - 1;

export function encodeOnnx(
  config: NetworkConfig,
  parameters: readonly LayerParameters[],
  metadata: Metadata,
): Uint8Array<ArrayBuffer> {
  const { layerDims, dtype } = config;
  const [inputs = 0] = layerDims;
  const outputs = layerDims[layerDims.length - 1] ?? 0;
  const graph = message(
    7,
    ...parameters.flatMap((_, i) => layerNodes(i, parameters.length, config)),
    text(2, "layerwise"),
    ...parameters.flatMap(({ weights, biases }, i) => [
      initializer(`W${i + 1}`, [weights.rows, weights.cols], weights.data, dtype),
      initializer(`b${i + 1}`, [biases.length], biases, dtype),
    ]),
    valueInfo(11, "x", inputs, dtype),
    valueInfo(12, outputName(config), outputs, dtype),
  );
  if (totalLength(graph) > LARGEST) {
    throw new ResourceError("toOnnx", `at most ${LARGEST} bytes of model`, `${totalLength(graph)}`);
  }
  return join(
    integer(1, IR_VERSION),
    text(2, "layerwise"), // producer_name
    text(3, VERSION), // producer_version
    graph,
    message(8, text(1, ""), integer(2, OPSET)), // opset_import, of the standard operators
    ...Object.entries(metadata).map(([key, value]) => message(14, text(1, key), text(2, value))), // metadata_props
  );
}

/** What a network answers with. */
function outputName({ outputActivation }: NetworkConfig): string {
  return outputActivation === "linear" ? "predictions" : "probabilities";
}

/** Z_l = Gemm(A_{l−1}, W_l, b_l), A_l = g(Z_l). */
function layerNodes(i: number, layers: number, config: NetworkConfig): Field[] {
  const isLast = i === layers - 1;
  const activation = isLast ? config.outputActivation : config.hiddenActivation;
  const input = i === 0 ? "x" : `A${i}`;
  const output = isLast ? outputName(config) : `A${i + 1}`;
  const l = i + 1;
  return [
    node("Gemm", [input, `W${l}`, `b${l}`], `Z${l}`, { ints: { transB: 1 } }),
    ...activationNodes(activation, `Z${l}`, output),
  ];
}

function activationNodes(activation: Activation, input: string, output: string): Field[] {
  const { onnx } = activationRow(activation);
  if (onnx === undefined) throw new ConfigError("toOnnx", "an activation that ONNX has", `"${activation}"`);
  if (onnx.timesInput !== true) return [node(onnx.operator, [input], output, onnx)];
  const factor = `${output}_factor`;
  return [node(onnx.operator, [input], factor, onnx), node("Mul", [input, factor], output, {})];
}

/** GraphProto.node. */
function node(
  operator: string,
  inputs: readonly string[],
  output: string,
  { ints = {}, floats = {} }: OnnxAttributes,
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
  );
}

/** GraphProto.initializer: a tensor with its numbers as they stand in (little-endian) memory. */
function initializer(
  name: string,
  shape: readonly number[],
  { buffer, byteOffset, byteLength }: Floats,
  dtype: Dtype,
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
function valueInfo(field: number, name: string, width: number, dtype: Dtype): Field {
  const shape = message(2, message(1, text(2, "batch")), message(1, integer(1, width)));
  return message(field, text(1, name), message(2, message(1, integer(1, DATA_TYPE[dtype]), shape)));
}
