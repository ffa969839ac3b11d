import type { ClassTarget, NumberTarget, Target } from "../pipeline/plan.js";
import { classLabels } from "../pipeline/target-numbers.js";
import type { Graph } from "./graph.js";
import type { ValueInfo } from "./model-proto.js";

/** What a target is called among the graph's outputs: its value, and of classes their probabilities. */
export interface OutputNames {
  readonly value: string;
  readonly probabilities: string;
}

/** Nodes from the networks' mean (batch × outputs, in float64) to target t's outputs, and these outputs' descriptions. */
export function targetNodes(
  graph: Graph,
  target: Target,
  t: number,
  mean: string,
  names: OutputNames,
): readonly ValueInfo[] {
  return target.type === "number"
    ? numberNodes(graph, target, column(graph, mean, t), names.value)
    : classNodes(graph, target, t, mean, names);
}

function column(graph: Graph, mean: string, t: number): string {
  return graph.node("Gather", [mean, graph.integers([t])], { axis: 1 });
}

function numberNodes(
  graph: Graph,
  { log, mean, deviation }: NumberTarget,
  output: string,
  name: string,
): readonly ValueInfo[] {
  const scaled = graph.node("Mul", [output, graph.double(deviation)]);
  const inputs = [scaled, graph.double(mean)];
  if (log) graph.node("Exp", [graph.node("Add", inputs)], {}, { output: name });
  else graph.node("Add", inputs, {}, { output: name });
  return [{ name, width: 1, type: "float64" }];
}

function classNodes(
  graph: Graph,
  target: ClassTarget,
  t: number,
  mean: string,
  { value, probabilities }: OutputNames,
): readonly ValueInfo[] {
  if (target.classes.length === 2) {
    const second = column(graph, mean, t);
    const first = graph.node("Sub", [graph.double(1), second]);
    graph.node("Concat", [first, second], { axis: 1 }, { output: probabilities });
  } else graph.node("Identity", [mean], {}, { output: probabilities });
  const index = graph.node("ArgMax", [probabilities], { axis: 1, keepdims: 1 });
  const { names, type } = labelsOf(graph, target);
  graph.node("Gather", [names, index], {}, { output: value });
  return [
    { name: value, width: 1, type },
    { name: probabilities, width: target.classes.length, type: "float64" },
  ];
}

function labelsOf(graph: Graph, target: ClassTarget) {
  const labels = classLabels(target);
  if (target.values === "number")
    return { names: graph.doubles(labels.map(Number)), type: "float64" } as const;
  if (target.values === "boolean")
    return { names: graph.booleans(labels.map(Boolean)), type: "boolean" } as const;
  return { names: graph.texts(labels.map(String)), type: "text" } as const;
}
