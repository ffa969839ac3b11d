import { type Activation, activationRow, type OnnxAttributes } from "../catalog/activations.js";
import { architectureOf, type DensePart, type NormPart, type Part } from "../config/architecture.js";
import type { Dtype } from "../config/dtype.js";
import type { Metadata } from "../config/metadata.js";
import type { NetworkConfig } from "../config/network-config.js";
import type { Floats } from "../engine/memory.js";
import { ConfigError, ResourceError } from "../errors/errors.js";
import type { AnyLayerParameters } from "../model/parameters.js";
import { VERSION } from "../platform/version.js";
import { initializer, node, valueInfo } from "./onnx-fields.js";
import { scalingFields } from "./onnx-scaling.js";
import { type Field, integer, join, message, text, totalLength } from "./protobuf.js";

/**
 * An ONNX model of the network: Gemm (Z = X·Wᵀ + b) and an activation per layer.
 * Field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */

/** Opset 13 has all operators in their present form but Relu-14, which adds integers; IR version 7 goes with it. */
const OPSET = 13;
const IR_VERSION = 7;

/** A protobuf message ends here for many readers. */
const LARGEST = 2 ** 31 - 1;

export function encodeOnnx(
  config: NetworkConfig,
  parameters: readonly AnyLayerParameters[],
  metadata: Metadata,
): Uint8Array<ArrayBuffer> {
  const { dtype } = config;
  const { inputs, outputs } = architectureOf(config);
  const { nodes, initializers } = new Graph(config, parameters).fields();
  const graph = message(
    7,
    ...nodes,
    text(2, "layerwise"),
    ...initializers,
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
function outputName(config: NetworkConfig): string {
  return architectureOf(config).outputActivation === "linear" ? "predictions" : "probabilities";
}

/** The nodes and initializers of a network, part after part. Dropout is none: it is training's. */
class Graph {
  readonly #nodes: Field[] = [];
  readonly #initializers: Field[] = [];
  readonly #config: NetworkConfig;
  readonly #parameters: readonly AnyLayerParameters[];
  /** Of the layers with parameters. */
  #count = 0;
  /** Values that residual layers keep. */
  readonly #kept: string[] = [];
  #value = "x";
  #others = 0;

  constructor(config: NetworkConfig, parameters: readonly AnyLayerParameters[]) {
    this.#config = config;
    this.#parameters = parameters;
  }

  fields(): { readonly nodes: readonly Field[]; readonly initializers: readonly Field[] } {
    const { parts, outputActivation, scaling } = architectureOf(this.#config);
    if (scaling !== undefined) {
      const scaled = scalingFields(scaling.data, this.#config.dtype, this.#value);
      this.#nodes.push(...scaled.nodes);
      this.#initializers.push(...scaled.initializers);
      this.#value = scaled.output;
    }
    parts.forEach((part, i) => {
      const isLast = i === parts.length - 1 && outputActivation === "linear";
      this.#add(part, isLast ? outputName(this.#config) : undefined);
    });
    if (outputActivation !== "linear") this.#activate(outputActivation, outputName(this.#config));
    return { nodes: this.#nodes, initializers: this.#initializers };
  }

  /** @param name - of the value that it makes, where it is the last */
  #add(part: Part, name: string | undefined): void {
    if (part.kind === "open") this.#kept.push(this.#value);
    else if (part.kind === "close") this.#close(name);
    else if (part.kind === "elementwise") this.#activate(part.activation, name ?? this.#newName("R"));
    else if (part.kind === "dense") this.#dense(part, name);
    else this.#norm(part, name);
  }

  #close(name = this.#newName("R")): void {
    const kept = this.#kept.pop() ?? "x";
    this.#node("Add", [this.#value, kept], name);
  }

  #dense({ activation, index: l }: DensePart, name: string | undefined): void {
    const layer = this.#parameters[this.#count++];
    if (layer === undefined || !("weights" in layer)) throw new Error(`no parameters of dense ${l}`);
    this.#initialize(`W${l}`, [layer.weights.rows, layer.weights.cols], layer.weights.data);
    const { biases } = layer;
    if (biases !== undefined) this.#initialize(`b${l}`, [biases.length], biases);
    const own = biases === undefined ? [`W${l}`] : [`W${l}`, `b${l}`];
    const isOutput = name === undefined && activation === "linear";
    this.#node("Gemm", [this.#value, ...own], `Z${l}`, { ints: { transB: 1 } });
    if (!isOutput) this.#activate(activation, name ?? `A${l}`);
  }

  #norm({ kind, epsilon }: NormPart, name = this.#newName("N")): void {
    const layer = this.#parameters[this.#count++];
    if (layer === undefined || !("scale" in layer)) throw new Error(`no parameters of ${name}`);
    const { scale, shift, runningMean, runningVariance } = layer;
    const own = (part: string, numbers: Floats) => {
      this.#initialize(`${name}_${part}`, [numbers.length], numbers);
      return `${name}_${part}`;
    };
    const [scaleName, shiftName] = [own("scale", scale), own("shift", shift)];
    if (kind === "batchNorm" && runningMean !== undefined && runningVariance !== undefined) {
      const statistics = [own("mean", runningMean), own("variance", runningVariance)];
      this.#node("BatchNormalization", [this.#value, scaleName, shiftName, ...statistics], name, {
        floats: { epsilon },
      });
      return;
    }
    // LayerNormalization came with opset 17: here of operators that every runtime has.
    const x = this.#value;
    const step = (operator: string, inputs: string[], part: string, attributes: OnnxAttributes = {}) => {
      this.#node(operator, inputs, part === "" ? name : `${name}_${part}`, attributes);
      return this.#value;
    };
    const rows = { ints: { keepdims: 1 }, lists: { axes: [1] } };
    const off = step("Sub", [x, step("ReduceMean", [x], "rowMean", rows)], "off");
    const variance = step("ReduceMean", [step("Mul", [off, off], "squares")], "rowVariance", rows);
    this.#initialize(`${name}_epsilon`, [1], Float64Array.of(epsilon));
    const root = step("Sqrt", [step("Add", [variance, `${name}_epsilon`], "raised")], "deviation");
    const scaled = step("Mul", [step("Div", [off, root], "normal"), scaleName], "scaled");
    step("Add", [scaled, shiftName], "");
  }

  #activate(activation: Activation, name: string): void {
    this.#nodes.push(...activationNodes(activation, this.#value, name, this.#config.dtype));
    this.#value = name;
  }

  #node(operator: string, inputs: readonly string[], output: string, attributes: OnnxAttributes = {}): void {
    this.#nodes.push(node(operator, inputs, output, attributes));
    this.#value = output;
  }

  #initialize(name: string, shape: readonly number[], numbers: Floats): void {
    const { dtype } = this.#config;
    const isOurs = dtype === "float32" ? numbers instanceof Float32Array : numbers instanceof Float64Array;
    const own = isOurs
      ? numbers
      : dtype === "float32"
        ? new Float32Array(numbers)
        : new Float64Array(numbers);
    this.#initializers.push(initializer(name, shape, own, dtype));
  }

  #newName(prefix: string): string {
    return `${prefix}${++this.#others}`;
  }
}

/** The operators of g, each with the numbers that it takes. */
function activationNodes(activation: Activation, z: string, a: string, dtype: Dtype): Field[] {
  const row = activationRow(activation);
  const onnx = (dtype === "float64" ? row.onnxOfDoubles : undefined) ?? row.onnx;
  if (onnx === undefined) throw new ConfigError("toOnnx", "an activation that ONNX has", `"${activation}"`);
  const first = onnx.length > 1 ? `${a}_1` : a;
  let before = z;
  return onnx.flatMap(({ operator, inputs = ["before"], ...attributes }, i) => {
    const output = i === onnx.length - 1 ? a : `${a}_${i + 1}`;
    const numbers: Field[] = [];
    const names = inputs.map((input) => {
      if (typeof input !== "number") return { z, before, first }[input];
      const name = `${a}_${i + 1}_number`;
      const value = dtype === "float32" ? Float32Array.of(input) : Float64Array.of(input);
      numbers.push(initializer(name, [], value, dtype));
      return name;
    });
    before = output;
    return [...numbers, node(operator, names, output, attributes)];
  });
}
