import { PbfReader, PbfWriter } from "pbf";

/*
 * The messages of an ONNX model as plain data, written and read. Field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */

/** TensorProto.DataType. */
export const DATA_TYPE = { float32: 1, int64: 7, text: 8, boolean: 9, float64: 11 } as const;

export type DataType = keyof typeof DATA_TYPE;

export interface NodeProto {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly output: string;
  /** "": the standard's operators. */
  readonly domain: string;
  /** Messages as bytes. */
  readonly attributes: readonly Uint8Array[];
}

export interface TensorProto {
  readonly name: string;
  readonly shape: readonly number[];
  /** A number of {@link DATA_TYPE}. */
  readonly type: number;
  /** Numbers as they stand in (little-endian) memory, or texts. */
  readonly data: Uint8Array | readonly string[];
}

/** An input or output: batch × width, where the batch may be of any size. */
export interface ValueInfo {
  readonly name: string;
  readonly width: number;
  readonly type: DataType;
}

export interface GraphProto {
  readonly nodes: readonly NodeProto[];
  readonly tensors: readonly TensorProto[];
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
}

export interface ModelProto {
  readonly irVersion: number;
  readonly producer: string;
  readonly producerVersion: string;
  /** Versions of sets of operators, by their domains. */
  readonly operatorSets: Readonly<Record<string, number>>;
  readonly graph: GraphProto;
  readonly metadata: Readonly<Record<string, string>>;
}

export function encodeModel(model: ModelProto): Uint8Array {
  const writer = new PbfWriter();
  writer.writeVarintField(1, model.irVersion);
  writer.writeStringField(2, model.producer);
  writer.writeStringField(3, model.producerVersion);
  writer.writeMessage(7, writeGraph, model.graph);
  for (const [domain, version] of Object.entries(model.operatorSets)) {
    writer.writeMessage(8, writeOperatorSet, { domain, version });
  }
  for (const [key, value] of Object.entries(model.metadata))
    writer.writeMessage(14, writeEntry, { key, value });
  return writer.finish();
}

function writeOperatorSet(
  set: { readonly domain: string; readonly version: number },
  writer: PbfWriter,
): void {
  writer.writeStringField(1, set.domain);
  writer.writeVarintField(2, set.version);
}

function writeEntry(entry: { readonly key: string; readonly value: string }, writer: PbfWriter): void {
  writer.writeStringField(1, entry.key);
  writer.writeStringField(2, entry.value);
}

function writeGraph(graph: GraphProto, writer: PbfWriter): void {
  for (const node of graph.nodes) writer.writeMessage(1, writeNode, node);
  writer.writeStringField(2, "layerwise");
  for (const tensor of graph.tensors) writer.writeMessage(5, writeTensor, tensor);
  for (const input of graph.inputs) writer.writeMessage(11, writeValueInfo, input);
  for (const output of graph.outputs) writer.writeMessage(12, writeValueInfo, output);
}

function writeNode(node: NodeProto, writer: PbfWriter): void {
  for (const input of node.inputs) writer.writeStringField(1, input);
  writer.writeStringField(2, node.output);
  writer.writeStringField(3, node.output);
  writer.writeStringField(4, node.operator);
  for (const attribute of node.attributes) writer.writeBytesField(5, attribute);
  if (node.domain !== "") writer.writeStringField(7, node.domain);
}

function writeTensor({ name, shape, type, data }: TensorProto, writer: PbfWriter): void {
  for (const size of shape) writer.writeVarintField(1, size);
  writer.writeVarintField(2, type);
  if (!(data instanceof Uint8Array)) for (const text of data) writer.writeStringField(6, text);
  writer.writeStringField(8, name);
  if (data instanceof Uint8Array) writer.writeBytesField(9, data);
}

function writeValueInfo({ name, width, type }: ValueInfo, writer: PbfWriter): void {
  writer.writeStringField(1, name);
  writer.writeMessage(2, writeType, { width, type });
}

type Shaped = Pick<ValueInfo, "width" | "type">;

function writeType(shaped: Shaped, writer: PbfWriter): void {
  writer.writeMessage(1, writeTensorType, shaped);
}

function writeTensorType({ width, type }: Shaped, writer: PbfWriter): void {
  writer.writeVarintField(1, DATA_TYPE[type]);
  writer.writeMessage(2, writeShape, width);
}

function writeShape(width: number, writer: PbfWriter): void {
  writer.writeMessage(1, writeBatch, width);
  writer.writeMessage(1, writeWidth, width);
}

function writeBatch(_: number, writer: PbfWriter): void {
  writer.writeStringField(2, "batch");
}

function writeWidth(width: number, writer: PbfWriter): void {
  writer.writeVarintField(1, width);
}

/** What an operator's attributes are: integers, and lists of them or of texts. */
export type Attributes = Readonly<Record<string, number | readonly number[] | readonly string[]>>;

/** AttributeProto.type. */
const [INT, INTS, STRINGS] = [2, 7, 8];

export function encodeAttributes(attributes: Attributes): Uint8Array[] {
  return Object.entries(attributes).map(([name, value]) => {
    const writer = new PbfWriter();
    writer.writeStringField(1, name);
    if (typeof value === "number") writer.writeVarintField(3, value);
    else
      for (const one of value) {
        if (typeof one === "string") writer.writeStringField(9, one);
        else writer.writeVarintField(8, one);
      }
    const ofList = typeof value !== "number" && typeof value[0] === "string" ? STRINGS : INTS;
    writer.writeVarintField(20, typeof value === "number" ? INT : ofList);
    return writer.finish();
  });
}

/** What is read of a model that the core made of a network. */
export interface NetworkProto extends Omit<ModelProto, "graph" | "metadata"> {
  readonly nodes: readonly NodeProto[];
  readonly tensors: readonly TensorProto[];
  readonly input: string;
  readonly output: string;
}

export function decodeNetwork(bytes: Uint8Array): NetworkProto {
  const read = { irVersion: 0, producer: "", producerVersion: "", input: "", output: "" };
  const operatorSets: Record<string, number> = {};
  const [nodes, tensors]: [NodeProto[], TensorProto[]] = [[], []];
  new PbfReader(bytes).readFields((field, _, reader) => {
    if (field === 1) read.irVersion = reader.readVarint();
    else if (field === 2) read.producer = reader.readString();
    else if (field === 3) read.producerVersion = reader.readString();
    else if (field === 7) reader.readMessage(readGraph, undefined);
    else if (field === 8) Object.assign(operatorSets, readOperatorSet(reader));
  }, undefined);
  return { ...read, operatorSets, nodes, tensors };

  function readGraph(field: number, _: undefined, reader: PbfReader): void {
    if (field === 1) nodes.push(readNode(reader));
    else if (field === 5) tensors.push(readTensor(reader));
    else if (field === 11) read.input = readName(reader);
    else if (field === 12) read.output = readName(reader);
  }
}

function readOperatorSet(reader: PbfReader): Record<string, number> {
  const set = { domain: "", version: 0 };
  reader.readMessage((field) => {
    if (field === 1) set.domain = reader.readString();
    else if (field === 2) set.version = reader.readVarint();
  }, undefined);
  return { [set.domain]: set.version };
}

function readNode(reader: PbfReader): NodeProto {
  const node = { operator: "", output: "", domain: "" };
  const [inputs, attributes]: [string[], Uint8Array[]] = [[], []];
  reader.readMessage((field) => {
    if (field === 1) inputs.push(reader.readString());
    else if (field === 2) node.output = reader.readString();
    else if (field === 4) node.operator = reader.readString();
    else if (field === 5) attributes.push(reader.readBytes());
    else if (field === 7) node.domain = reader.readString();
  }, undefined);
  return { ...node, inputs, attributes };
}

function readTensor(reader: PbfReader): TensorProto {
  const tensor = { name: "", type: 0, data: new Uint8Array(0) };
  const shape: number[] = [];
  reader.readMessage((field) => {
    if (field === 1) shape.push(reader.readVarint());
    else if (field === 2) tensor.type = reader.readVarint();
    else if (field === 8) tensor.name = reader.readString();
    else if (field === 9) tensor.data = Uint8Array.from(reader.readBytes());
  }, undefined);
  return { ...tensor, shape };
}

function readName(reader: PbfReader): string {
  let name = "";
  reader.readMessage((field) => {
    if (field === 1) name = reader.readString();
  }, undefined);
  return name;
}
