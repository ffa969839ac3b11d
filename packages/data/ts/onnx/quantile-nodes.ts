import {
  BOUND,
  CENTRAL,
  type Coefficients,
  EDGE,
  MIDDLE,
  MIDDLE_SQUARE,
  TAIL,
  TAIL_START,
} from "../pipeline/normal-quantile.js";
import type { Graph } from "./graph.js";

/** Φ⁻¹ of x's place among a column's quantiles. x: batch × 1, in float64. */
export function normalOf(graph: Graph, quantiles: readonly number[], x: string): string {
  const last = quantiles.length - 1;
  const place = placeOf(graph, quantiles, x);
  const end = (i: number) => graph.double(quantiles[i] ?? 0);
  const above = graph.node("Greater", [graph.node("Add", [x, graph.double(EDGE)]), end(last)]);
  const below = graph.node("Less", [graph.node("Sub", [x, graph.double(EDGE)]), end(0)]);
  const upTo = graph.node("Where", [above, graph.double(1 - BOUND), place]);
  const within = graph.node("Where", [below, graph.double(BOUND), upTo]);
  const raised = graph.node("Max", [within, graph.double(BOUND)]);
  return normalQuantile(graph, graph.node("Min", [raised, graph.double(1 - BOUND)]));
}

/** x's place in 0 … 1: linear between two quantiles, the middle of those that are equal to it. */
function placeOf(graph: Graph, quantiles: readonly number[], x: string): string {
  const last = quantiles.length - 1;
  const all = graph.doubles(quantiles);
  const count = (operator: string) =>
    graph.node("ReduceSum", [graph.cast(graph.node(operator, [x, all]), "float64"), graph.integers([1])], {
      keepdims: 1,
    });
  const [fewer, upTo] = [count("Greater"), count("GreaterOrEqual")];
  const one = graph.double(1);
  const before = graph.node("Max", [graph.node("Sub", [fewer, one]), graph.double(0)]);
  const quantileAt = (index: string) => graph.node("Gather", [all, graph.cast(index, "int64")]);
  const low = quantileAt(before);
  const high = quantileAt(graph.node("Min", [fewer, graph.double(last)]));
  const part = graph.node("Div", [graph.node("Sub", [x, low]), graph.node("Sub", [high, low])]);
  const between = graph.node("Add", [before, part]);
  const equals = graph.node("Add", [fewer, graph.node("Sub", [upTo, one])]);
  const middle = graph.node("Mul", [equals, graph.double(0.5)]);
  const isOne = graph.node("Greater", [upTo, fewer]);
  return graph.node("Div", [graph.node("Where", [isOne, middle, between]), graph.double(Math.max(last, 1))]);
}

function normalQuantile(graph: Graph, p: string): string {
  const q = graph.node("Sub", [p, graph.double(0.5)]);
  const off = graph.node("Sub", [graph.double(MIDDLE_SQUARE), graph.node("Mul", [q, q])]);
  const middle = graph.node("Mul", [q, quotient(graph, CENTRAL, off)]);
  const tail = graph.node("Min", [p, graph.node("Sub", [graph.double(1), p])]);
  const root = graph.node("Sqrt", [graph.node("Neg", [graph.node("Log", [tail])])]);
  const far = quotient(graph, TAIL, graph.node("Sub", [root, graph.double(TAIL_START)]));
  const signed = graph.node("Mul", [graph.node("Sign", [q]), far]);
  const isFar = graph.node("Greater", [graph.node("Abs", [q]), graph.double(MIDDLE)]);
  return graph.node("Where", [isFar, signed, middle]);
}

function quotient(graph: Graph, [above, below]: Coefficients, r: string): string {
  const polynomial = ([first = 0, ...rest]: readonly number[]) =>
    rest.reduce(
      (sum, coefficient) => graph.node("Add", [graph.node("Mul", [sum, r]), graph.double(coefficient)]),
      graph.double(first),
    );
  return graph.node("Div", [polynomial(above), polynomial(below)]);
}
