import { ResourceError, StateError } from "layerwise";
import type { AnyNetwork } from "../model/any-network.js";
import type { Pipeline } from "../pipeline/pipeline.js";
import { columnNodes, inputType } from "./column-nodes.js";
import { Graph, ML_DOMAIN } from "./graph.js";
import { decodeNetwork, encodeModel } from "./model-proto.js";
import { targetNodes } from "./target-nodes.js";

/** Has LabelEncoder of texts to integers; goes with the operator set of the core's models. */
const ML_VERSION = 2;

/** A protobuf message ends here for many readers. */
const LARGEST = 2 ** 31 - 1;

/** A model of ONNX from raw columns to predictions: preparation, networks, their mean, and what it says of each target. */
export function encodeOnnx(pipeline: Pipeline, networks: readonly AnyNetwork[]): Uint8Array {
  const models = networks.map((network) => decodeNetwork(network.toOnnx()));
  const [first] = models;
  if (first === undefined) throw new StateError("model.networks", "at least one", "none");
  const names = new Names(pipeline);
  const graph = new Graph(names.prefix);
  const dtype = networks[0]?.config.dtype ?? "float32";
  const columns = pipeline.columns.map((column) => ({ column, name: names.of(column.name) }));
  const features = columns.map(({ column, name }) => columnNodes(graph, column, name, dtype));
  const used = columns.filter((_, i) => features[i]?.length);
  const x = graph.node("Concat", features.flat(), { axis: 1 });
  const answers = models.map((model, k) => graph.cast(graph.network(model, k, x), "float64"));
  const sum = answers.length === 1 ? (answers[0] ?? "") : graph.node("Sum", answers);
  const mean = graph.node("Div", [sum, graph.double(answers.length)]);
  const outputs = pipeline.targets.flatMap((target, t) => {
    const value = names.of(target.name);
    return targetNodes(graph, target, t, mean, {
      value,
      probabilities: names.unique(`${value}: probabilities`),
    });
  });
  const inputs = used.map(({ column, name }) => ({ name, width: 1, type: inputType(column) }));
  const { nodes, tensors } = graph;
  checkSize(tensors.reduce((bytes, { data }) => bytes + data.length, 0));
  const { irVersion, producer, producerVersion, operatorSets } = first;
  return encodeModel({
    irVersion,
    producer,
    producerVersion,
    operatorSets: { ...operatorSets, [ML_DOMAIN]: ML_VERSION },
    graph: { nodes, tensors, inputs, outputs },
    metadata: classesOf(pipeline),
  });
}

/** Weights are nearly all of it. */
function checkSize(bytes: number): void {
  if (bytes > LARGEST - (1 << 24))
    throw new ResourceError("toOnnx", `at most ${LARGEST} bytes of model`, `${bytes}`);
}

function classesOf({ targets }: Pipeline): Record<string, string> {
  const classes = targets.flatMap((target) =>
    target.type === "classes" ? [[target.name, target.classes]] : [],
  );
  return classes.length === 0 ? {} : { classes: JSON.stringify(Object.fromEntries(classes)) };
}

/** Names of inputs and outputs, each of its own, and what names within begin with. */
class Names {
  readonly prefix: string;
  readonly #taken: Set<string>;

  constructor({ columns, targets }: Pipeline) {
    this.#taken = new Set([...columns, ...targets].map(({ name }) => name));
    let prefix = "layerwise_";
    while ([...this.#taken].some((name) => name.startsWith(prefix))) prefix += "_";
    this.prefix = prefix;
  }

  /** Of a column or target: its own, but that "" means to ONNX that there is none. */
  of(name: string): string {
    return name === "" ? this.unique("_") : name;
  }

  /** One that no other has. */
  unique(name: string): string {
    let free = name;
    while (this.#taken.has(free)) free += "_";
    this.#taken.add(free);
    return free;
  }
}
