import {
  type Attributes,
  DATA_TYPE,
  type DataType,
  encodeAttributes,
  type NetworkProto,
  type NodeProto,
  type TensorProto,
} from "./model-proto.js";

/** Operators outside the standard's own set. */
export const ML_DOMAIN = "ai.onnx.ml";

/** Nodes one after the other, and constants, whose names begin with `prefix` and are its own. */
export class Graph {
  readonly nodes: NodeProto[] = [];
  readonly tensors: TensorProto[] = [];
  readonly prefix: string;
  readonly #constants = new Map<string, string>();
  #count = 0;

  constructor(prefix: string) {
    this.prefix = prefix;
  }

  /** What an operator makes of these, under a name that is given where it is the graph's output. */
  node(
    operator: string,
    inputs: readonly string[],
    attributes: Attributes = {},
    { output = this.#newName(), domain = "" } = {},
  ): string {
    this.nodes.push({ operator, inputs, output, domain, attributes: encodeAttributes(attributes) });
    return output;
  }

  /** A network's graph within this one: its k-th, of x. Returns the name of its output. */
  network({ nodes, tensors, input, output }: NetworkProto, k: number, x: string): string {
    const renamed = (name: string) =>
      name === input ? x : name === "" ? "" : `${this.prefix}network_${k}_${name}`;
    for (const node of nodes) {
      this.nodes.push({ ...node, inputs: node.inputs.map(renamed), output: renamed(node.output) });
    }
    for (const tensor of tensors) this.tensors.push({ ...tensor, name: renamed(tensor.name) });
    return renamed(output);
  }

  cast(x: string, to: DataType): string {
    return this.node("Cast", [x], { to: DATA_TYPE[to] });
  }

  /** A number of float64, the same one each time. */
  double(value: number): string {
    return this.#once(`double ${Object.is(value, -0) ? "-0" : value}`, () => this.doubles([value], []));
  }

  doubles(values: readonly number[], shape: readonly number[] = [values.length]): string {
    return this.#tensor("float64", shape, bytesOf(Float64Array.from(values)));
  }

  integers(values: readonly number[]): string {
    return this.#once(`integers ${values.join()}`, () =>
      this.#tensor("int64", [values.length], bytesOf(BigInt64Array.from(values, BigInt))),
    );
  }

  booleans(values: readonly boolean[]): string {
    return this.#tensor("boolean", [values.length], Uint8Array.from(values, Number));
  }

  texts(values: readonly string[]): string {
    return this.#tensor("text", [values.length], values);
  }

  #tensor(type: DataType, shape: readonly number[], data: TensorProto["data"]): string {
    const name = this.#newName();
    this.tensors.push({ name, shape, type: DATA_TYPE[type], data });
    return name;
  }

  #newName(): string {
    this.#count += 1;
    return `${this.prefix}${this.#count}`;
  }

  #once(key: string, make: () => string): string {
    const known = this.#constants.get(key) ?? make();
    this.#constants.set(key, known);
    return known;
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
