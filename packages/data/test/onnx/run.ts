// Runs an ONNX model in plain JavaScript: the operators that a model with its preparation has, each by its definition.
import { PbfReader } from "pbf";

type Cell = number | string | boolean;

export interface Tensor {
  readonly shape: readonly number[];
  readonly data: readonly Cell[];
}

interface Node {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes: Readonly<Record<string, number | readonly (number | string)[]>>;
}

export interface Graph {
  readonly nodes: readonly Node[];
  readonly constants: ReadonlyMap<string, Tensor>;
  /** Names of inputs and outputs, and their types by number. */
  readonly inputs: ReadonlyMap<string, number>;
  readonly outputs: ReadonlyMap<string, number>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly operatorSets: Readonly<Record<string, number>>;
}

interface Field {
  readonly field: number;
  readonly value: number;
  readonly body: Uint8Array;
}

function fieldsOf(message: Uint8Array): Field[] {
  const fields: Field[] = [];
  new PbfReader(message).readFields((field, _, reader) => {
    const isNumber = reader.type === 0;
    if (isNumber) fields.push({ field, value: reader.readVarint(), body: new Uint8Array() });
    else if (reader.type === 2) fields.push({ field, value: 0, body: reader.readBytes() });
  }, undefined);
  return fields;
}

const all = (message: Uint8Array, field: number) => fieldsOf(message).filter((one) => one.field === field);
const textOf = ({ body }: Field) => new TextDecoder().decode(body);
const texts = (message: Uint8Array, field: number) => all(message, field).map(textOf);
const integer = (message: Uint8Array, field: number) => all(message, field)[0]?.value ?? 0;

export function readModel(bytes: Uint8Array): Graph {
  const graph = all(bytes, 7)[0]?.body ?? new Uint8Array();
  const described = (field: number) =>
    new Map(all(graph, field).map(({ body }) => [texts(body, 1)[0] ?? "", typeOf(body)]));
  const pairs = all(bytes, 14).map(({ body }) => [texts(body, 1)[0], texts(body, 2)[0]]);
  const sets = all(bytes, 8).map(({ body }) => [texts(body, 1)[0] ?? "", integer(body, 2)]);
  return {
    nodes: all(graph, 1).map(({ body }) => readNode(body)),
    constants: new Map(all(graph, 5).map(({ body }) => [texts(body, 8)[0] ?? "", readTensor(body)])),
    inputs: described(11),
    outputs: described(12),
    metadata: Object.fromEntries(pairs),
    operatorSets: Object.fromEntries(sets),
  };
}

function typeOf(info: Uint8Array): number {
  const type = all(info, 2)[0]?.body ?? new Uint8Array();
  return integer(all(type, 1)[0]?.body ?? new Uint8Array(), 1);
}

function readNode(body: Uint8Array): Node {
  const attributes = all(body, 5).map(({ body }) => {
    const lists = [...all(body, 8).map(({ value }) => value), ...texts(body, 9)];
    return [texts(body, 1)[0] ?? "", lists.length > 0 ? lists : integer(body, 3)];
  });
  return {
    operator: texts(body, 4)[0] ?? "",
    inputs: texts(body, 1),
    output: texts(body, 2)[0] ?? "",
    attributes: Object.fromEntries(attributes),
  };
}

function readTensor(body: Uint8Array): Tensor {
  const shape = all(body, 1).map(({ value }) => value);
  const [raw] = all(body, 9);
  const type = integer(body, 2);
  return { shape, data: type === 8 ? texts(body, 6) : rawNumbers(type, raw) };
}

function rawNumbers(type: number, raw: Field | undefined): Cell[] {
  const { buffer } = raw?.body.slice() ?? new Uint8Array();
  if (type === 1) return [...new Float32Array(buffer)];
  if (type === 7) return [...new BigInt64Array(buffer)].map(Number);
  if (type === 9) return [...new Uint8Array(buffer)].map((one) => one === 1);
  return [...new Float64Array(buffer)];
}

export function runModel(graph: Graph, inputs: Readonly<Record<string, Tensor>>): Map<string, Tensor> {
  const values = new Map([...graph.constants, ...Object.entries(inputs)]);
  for (const node of inOrder(graph, values)) {
    const given = node.inputs.map((name) => values.get(name) ?? missing(name));
    values.set(node.output, run(node, given));
  }
  return new Map([...graph.outputs.keys()].map((name) => [name, values.get(name) ?? missing(name)]));
}

/** Nodes stand in an order in which each finds its inputs. */
function inOrder({ nodes }: Graph, values: ReadonlyMap<string, Tensor>): readonly Node[] {
  const known = new Set(values.keys());
  for (const { inputs, output } of nodes) {
    for (const name of inputs) if (!known.has(name)) missing(name);
    if (known.has(output)) throw new Error(`${output} is made twice`);
    known.add(output);
  }
  return nodes;
}

function missing(name: string): never {
  throw new Error(`nothing is called ${name}`);
}

type Binary = (a: number, b: number) => Cell;
type Unary = (a: number) => Cell;

const BINARY: Readonly<Record<string, Binary>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Min: Math.min,
  Max: Math.max,
  Equal: (a, b) => a === b,
  Greater: (a, b) => a > b,
  GreaterOrEqual: (a, b) => a >= b,
  Less: (a, b) => a < b,
  Sum: (a, b) => a + b,
};

const UNARY: Readonly<Record<string, Unary>> = {
  Sqrt: Math.sqrt,
  Neg: (a) => -a,
  Log: Math.log,
  Exp: Math.exp,
  Sign: Math.sign,
  Abs: Math.abs,
  Floor: Math.floor,
  Sin: Math.sin,
  Relu: (a) => Math.max(a, 0),
  Sigmoid: (a) => 1 / (1 + Math.exp(-a)),
  IsNaN: Number.isNaN,
  Identity: (a) => a,
};

function run({ operator, attributes }: Node, inputs: readonly Tensor[]): Tensor {
  const [a = missing(operator), b = a, c = a] = inputs;
  const [binary, unary] = [BINARY[operator], UNARY[operator]];
  if (unary !== undefined) return { shape: a.shape, data: a.data.map((one) => unary(Number(one))) };
  if (binary !== undefined) return spread([a, b], ([x, y]) => binary(Number(x), Number(y)));
  if (operator === "Where") return spread([a, b, c], ([is, x, y]) => (is === true ? x : y) ?? 0);
  if (operator === "Cast") return { shape: a.shape, data: a.data.map((one) => cast(one, attributes.to)) };
  if (operator === "ReduceSum") return overRows(a, (row) => [row.reduce((sum, one) => sum + one, 0)]);
  if (operator === "ArgMax") return overRows(a, (row) => [row.indexOf(Math.max(...row))]);
  if (operator === "Softmax") return overRows(a, softmax);
  if (operator === "Gemm") return gemm(a, b, c);
  if (operator === "Concat") return concat(inputs);
  if (operator === "Gather") return attributes.axis === 1 ? columns(a, b) : gather(a, b);
  if (operator === "LabelEncoder") return encode(a, attributes);
  throw new Error(`no operator ${operator}`);
}

/** Each cell of one of up to batch × columns, smaller ones repeated. */
function spread(given: readonly Tensor[], of: (cells: readonly (Cell | undefined)[]) => Cell): Tensor {
  const size = (t: Tensor) => [t.shape.at(-2) ?? 1, t.shape.at(-1) ?? 1] as const;
  const [rows, cols] = [0, 1].map((axis) => Math.max(...given.map((one) => size(one)[axis] ?? 1)));
  const data: Cell[] = [];
  for (let i = 0; i < (rows ?? 1); i++) {
    for (let j = 0; j < (cols ?? 1); j++) {
      const cells = given.map((one) => {
        const [r, k] = size(one);
        return one.data[(r === 1 ? 0 : i) * k + (k === 1 ? 0 : j)];
      });
      data.push(of(cells));
    }
  }
  return { shape: [rows ?? 1, cols ?? 1], data };
}

function cast(value: Cell, to: unknown): Cell {
  if (to === 7) return Math.trunc(Number(value));
  return to === 1 ? Math.fround(Number(value)) : Number(value);
}

function overRows({ shape, data }: Tensor, of: (row: number[]) => number[]): Tensor {
  const [rows = 1, cols = 1] = shape;
  const made = Array.from({ length: rows }, (_, i) => of(data.slice(i * cols, (i + 1) * cols).map(Number)));
  return { shape: [rows, made[0]?.length ?? 0], data: made.flat() };
}

function softmax(row: number[]): number[] {
  const powers = row.map((one) => Math.exp(one - Math.max(...row)));
  const sum = powers.reduce((total, one) => total + one, 0);
  return powers.map((one) => one / sum);
}

/** X·Wᵀ + b */
function gemm(x: Tensor, { shape, data }: Tensor, b: Tensor): Tensor {
  const [units = 0, inputs = 0] = shape;
  return overRows(x, (row) =>
    Array.from({ length: units }, (_, u) =>
      row.reduce((sum, one, k) => sum + one * Number(data[u * inputs + k]), Number(b.data[u])),
    ),
  );
}

function concat(given: readonly Tensor[]): Tensor {
  const rows = given[0]?.shape[0] ?? 0;
  const widths = given.map(({ shape }) => shape[1] ?? 1);
  const data = Array.from({ length: rows }, (_, i) =>
    given.flatMap((one, n) => one.data.slice(i * (widths[n] ?? 1), (i + 1) * (widths[n] ?? 1))),
  );
  return { shape: [rows, widths.reduce((sum, one) => sum + one, 0)], data: data.flat() };
}

function gather({ data }: Tensor, indices: Tensor): Tensor {
  return {
    shape: indices.shape,
    data: indices.data.map((index) => data[Number(index)] ?? missing(`${index}`)),
  };
}

function columns(x: Tensor, { data }: Tensor): Tensor {
  return overRows(x, (row) => data.map((index) => row[Number(index)] ?? Number.NaN));
}

function encode({ shape, data }: Tensor, attributes: Node["attributes"]): Tensor {
  const [keys, values] = [attributes.keys_strings, attributes.values_int64s];
  if (!Array.isArray(keys) || !Array.isArray(values)) throw new Error("LabelEncoder without keys");
  if (new Set(keys).size !== keys.length) throw new Error("LabelEncoder with a key twice");
  const of = (one: Cell) => values[keys.indexOf(one)] ?? Number(attributes.default_int64);
  return { shape, data: data.map(of) };
}
