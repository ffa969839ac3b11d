import type { OnnxAttributes } from "../catalog/activations.js";
import type { QuantileScalingLayer, ScalingLayer } from "../catalog/layers.js";
import { DATA_TYPE } from "../catalog/onnx-data-types.js";
import type { Dtype } from "../config/dtype.js";
import { initializer, node } from "./onnx-fields.js";
import type { Field } from "./protobuf.js";

/** A scaling layer as nodes and initializers of ONNX, and the name of what comes of it. */
export interface ScalingFields {
  readonly nodes: readonly Field[];
  readonly initializers: readonly Field[];
  readonly output: string;
}

export function scalingFields(layer: ScalingLayer, dtype: Dtype, x: string): ScalingFields {
  const graph = new ScalingGraph(dtype);
  const scaled = layer.method === "quantileNormal" ? normal(graph, layer, x) : linear(graph, layer, x);
  const output = layer.softClip === undefined ? scaled : softClip(graph, scaled, layer.softClip);
  return { nodes: graph.nodes, initializers: graph.initializers, output };
}

/** Nodes with names of their own, one behind the other. */
class ScalingGraph {
  readonly nodes: Field[] = [];
  readonly initializers: Field[] = [];
  readonly dtype: Dtype;
  #count = 0;

  constructor(dtype: Dtype) {
    this.dtype = dtype;
  }

  /** The name of what an operator makes of these. */
  node(operator: string, inputs: readonly string[], attributes: OnnxAttributes = {}): string {
    const output = this.#name();
    this.nodes.push(node(operator, inputs, output, attributes));
    return output;
  }

  cast(x: string, to: keyof typeof DATA_TYPE): string {
    return this.node("Cast", [x], { ints: { to: DATA_TYPE[to] } });
  }

  numbers(values: readonly number[], shape: readonly number[], dtype: Dtype = this.dtype): string {
    const name = this.#name();
    const array = dtype === "float32" ? Float32Array.from(values) : Float64Array.from(values);
    this.initializers.push(initializer(name, shape, array, dtype));
    return name;
  }

  integers(values: readonly number[]): string {
    const name = this.#name();
    this.initializers.push(initializer(name, [values.length], BigInt64Array.from(values, BigInt), "int64"));
    return name;
  }

  #name(): string {
    return `scaling_${++this.#count}`;
  }
}

/** (x − center)/scale. What float32 leaves of a center is taken off by itself, which may be as large as the spread. */
function linear(
  graph: ScalingGraph,
  { center, scale }: Exclude<ScalingLayer, QuantileScalingLayer>,
  x: string,
): string {
  const columns = [center.length];
  let off = graph.node("Sub", [x, graph.numbers(center, columns)]);
  if (graph.dtype === "float32") {
    const rest = center.map((value) => value - Math.fround(value));
    off = graph.node("Sub", [off, graph.numbers(rest, columns)]);
  }
  return graph.node("Div", [off, graph.numbers(scale, columns)]);
}

function softClip(graph: ScalingGraph, x: string, limit: number): string {
  const c = graph.numbers([limit], []);
  return graph.node("Mul", [graph.node("Tanh", [graph.node("Div", [x, c])]), c]);
}

/** As crate/src/layers/scaling.rs: in float64 from the place on, since its last digits decide far from the middle. */
const EDGE = 1e-7;
const BOUND = EDGE - Number.EPSILON;

/** Φ⁻¹ of x's place among the quantiles of its column. */
function normal(graph: ScalingGraph, { quantiles }: QuantileScalingLayer, x: string): string {
  const double = (value: number) => graph.numbers([value], [], "float64");
  const columns = quantiles.length;
  const ends = (at: number) =>
    graph.cast(
      graph.numbers(
        quantiles.map((column) => column.at(at) ?? 0),
        [columns],
      ),
      "float64",
    );
  const wide = graph.cast(x, "float64");
  const place = placeOf(graph, quantiles, x, wide);
  const above = graph.node("Greater", [graph.node("Add", [wide, double(EDGE)]), ends(-1)]);
  const below = graph.node("Less", [graph.node("Sub", [wide, double(EDGE)]), ends(0)]);
  const upTo = graph.node("Where", [above, double(1 - BOUND), place]);
  const within = graph.node("Where", [below, double(BOUND), upTo]);
  const p = graph.node("Min", [graph.node("Max", [within, double(BOUND)]), double(1 - BOUND)]);
  return graph.cast(normalQuantile(graph, p), graph.dtype);
}

/** x's place in 0 … 1: linear between two quantiles, the middle of those that are equal to it. */
function placeOf(
  graph: ScalingGraph,
  quantiles: QuantileScalingLayer["quantiles"],
  x: string,
  wide: string,
): string {
  const number = (value: number) => graph.numbers([value], []);
  const double = (value: number) => graph.numbers([value], [], "float64");
  const count = quantiles[0]?.length ?? 0;
  const step = double(count > 1 ? 1 / (count - 1) : 0);
  const search = new Search(graph, quantiles, x);
  const [fewer, upTo] = [search.count("Greater"), search.count("GreaterOrEqual")];
  const offsets = graph.numbers(
    quantiles.map((_, j) => j * count),
    [quantiles.length],
  );
  const flat = graph.numbers(quantiles.flat(), [quantiles.length * count]);
  const quantileAt = (index: string) =>
    graph.cast(
      graph.node("Gather", [flat, graph.cast(graph.node("Add", [index, offsets]), "int64")]),
      "float64",
    );
  const before = graph.node("Max", [graph.node("Sub", [fewer, number(1)]), number(0)]);
  const low = quantileAt(before);
  const high = quantileAt(graph.node("Min", [fewer, number(count - 1)]));
  const part = graph.node("Div", [graph.node("Sub", [wide, low]), graph.node("Sub", [high, low])]);
  const between = graph.node("Add", [graph.cast(before, "float64"), part]);
  const last = graph.node("Sub", [upTo, number(1)]);
  const middle = graph.node("Mul", [graph.cast(graph.node("Add", [fewer, last]), "float64"), double(0.5)]);
  const isOne = graph.node("Greater", [upTo, fewer]);
  return graph.node("Mul", [graph.node("Where", [isOne, middle, between]), step]);
}

/** How many of a column's quantiles x is beyond: among the first ones of blocks, and then within a block. */
class Search {
  readonly #graph: ScalingGraph;
  readonly #x: string;
  readonly #size: number;
  readonly #heads: string;
  readonly #blocks: string;
  readonly #offsets: string;
  readonly #lastAxis: string;

  constructor(graph: ScalingGraph, quantiles: QuantileScalingLayer["quantiles"], x: string) {
    const columns = quantiles.length;
    const count = quantiles[0]?.length ?? 0;
    let size = 1;
    while (size * size < count) size++;
    // Beyond the last quantile there is none that any x reaches.
    const padded = quantiles.map((column) =>
      Array.from({ length: size * size }, (_, i) => column[i] ?? Infinity),
    );
    this.#graph = graph;
    this.#size = size;
    this.#lastAxis = graph.integers([2]);
    this.#x = graph.node("Unsqueeze", [x, this.#lastAxis]);
    this.#heads = graph.numbers(
      padded.flatMap((column) => column.filter((_, i) => i % size === 0)),
      [columns, size],
    );
    this.#blocks = graph.numbers(padded.flat(), [columns * size, size]);
    this.#offsets = graph.numbers(
      padded.map((_, j) => j * size),
      [columns],
    );
  }

  /** @param beyond - the operator that compares x with a quantile */
  count(beyond: "Greater" | "GreaterOrEqual"): string {
    const graph = this.#graph;
    const number = (value: number) => graph.numbers([value], []);
    const block = graph.node("Max", [
      graph.node("Sub", [this.#beyond(beyond, this.#heads), number(1)]),
      number(0),
    ]);
    const row = graph.cast(graph.node("Add", [block, this.#offsets]), "int64");
    const within = this.#beyond(beyond, graph.node("Gather", [this.#blocks, row]));
    return graph.node("Add", [graph.node("Mul", [block, number(this.#size)]), within]);
  }

  #beyond(beyond: string, quantiles: string): string {
    const graph = this.#graph;
    const each = graph.cast(graph.node(beyond, [this.#x, quantiles]), graph.dtype);
    return graph.node("ReduceSum", [each, this.#lastAxis], { ints: { keepdims: 0 } });
  }
}

/** As crate/src/number/normal_quantile.rs: Wichura 1988, AS 241. */
function normalQuantile(graph: ScalingGraph, p: string): string {
  const double = (value: number) => graph.numbers([value], [], "float64");
  const polynomial = (coefficients: readonly number[], r: string) =>
    coefficients
      .slice(1)
      .reduce(
        (sum, coefficient) => graph.node("Add", [graph.node("Mul", [sum, r]), double(coefficient)]),
        double(coefficients[0] ?? 0),
      );
  const quotient = ([above, below]: Coefficients, r: string) =>
    graph.node("Div", [polynomial(above, r), polynomial(below, r)]);
  const q = graph.node("Sub", [p, double(0.5)]);
  const middle = graph.node("Mul", [
    q,
    quotient(CENTRAL, graph.node("Sub", [double(0.180625), graph.node("Mul", [q, q])])),
  ]);
  const tail = graph.node("Min", [p, graph.node("Sub", [double(1), p])]);
  const root = graph.node("Sqrt", [graph.node("Neg", [graph.node("Log", [tail])])]);
  const far = quotient(TAIL, graph.node("Sub", [root, double(1.6)]));
  const signed = graph.node("Mul", [graph.node("Sign", [q]), far]);
  const isFar = graph.node("Greater", [graph.node("Abs", [q]), double(0.425)]);
  return graph.node("Where", [isFar, signed, middle]);
}

/** By falling powers, those of the numerator and of the denominator. */
type Coefficients = readonly [readonly number[], readonly number[]];

const CENTRAL: Coefficients = [
  [
    2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946,
    1971.5909503065513, 133.14166789178438, 3.3871328727963665,
  ],
  [
    5226.495278852854, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751,
    687.1870074920579, 42.31333070160091, 1,
  ],
];

const TAIL: Coefficients = [
  [
    0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684, 3.6478483247632045,
    5.769497221460691, 4.630337846156546, 1.4234371107496835,
  ],
  [
    1.0507500716444169e-9, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008, 0.6897673349851,
    1.6763848301838038, 2.053191626637759, 1,
  ],
];
