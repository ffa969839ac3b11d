import { describe, listed } from "../platform/describe.js";
import { broken } from "./tensors.js";

/** A layer of a Keras model, as its configuration has it. */
export interface KerasLayer {
  /** `Dense`, `Dropout`, … */
  readonly type: string;
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** What Keras 3 calls it in a file of weights: `dense_1` for the second dense layer. */
  readonly place: string;
}

type Json = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The layers of a Sequential, or of a functional model that is a chain, in the order in which it runs them; a model of
 * Keras 2 or 3 or of TensorFlow.js. Raises FormatError for others.
 */
export function kerasLayers(model: unknown, file: string): KerasLayer[] {
  const { class_name: kind, config } = isObject(model) ? model : {};
  const listedLayers = isObject(config) ? config.layers : config; // Keras before 2.2.3 had the list alone
  const isKnown = kind === "Sequential" || kind === "Functional" || kind === "Model";
  if (!isKnown || !Array.isArray(listedLayers)) {
    throw broken("json", `${file}, the model`, "a Sequential or a functional model", describe(kind));
  }
  const layers = withPlaces(listedLayers.map((layer, i) => readLayer(layer, `${file}, layer ${i}`)));
  return kind === "Sequential" ? layers.map(({ layer }) => layer) : inChain(layers, file);
}

interface Node {
  readonly layer: KerasLayer;
  /** Names of the layers before it. */
  readonly from: readonly string[];
}

function readLayer(
  layer: unknown,
  place: string,
): Omit<Node, "layer"> & { readonly layer: Omit<KerasLayer, "place"> } {
  const { class_name: type, config, name, inbound_nodes: nodes } = isObject(layer) ? layer : {};
  if (typeof type !== "string" || !isObject(config))
    throw broken("json", place, "a layer with class_name and config", describe(layer));
  const own = typeof name === "string" ? name : config.name;
  return { layer: { type, name: typeof own === "string" ? own : type, config }, from: sourcesOf(nodes) };
}

/** Keras 3 keeps `keras_history: [name, …]` of each input; Keras 2 and TensorFlow.js lists of [name, number, number, …]. */
function sourcesOf(nodes: unknown): string[] {
  if (Array.isArray(nodes)) {
    const [name, node, tensor] = nodes as unknown[];
    if (typeof name === "string" && typeof node === "number" && typeof tensor === "number") return [name];
    return nodes.flatMap(sourcesOf);
  }
  if (!isObject(nodes)) return [];
  if (Array.isArray(nodes.keras_history)) return [String(nodes.keras_history[0])];
  return Object.values(nodes).flatMap(sourcesOf);
}

/** Keras 3 counts the layers of each class. */
function withPlaces(nodes: readonly ReturnType<typeof readLayer>[]): Node[] {
  const counts = new Map<string, number>();
  return nodes.map(({ layer, from }) => {
    const name = inSnakeCase(layer.type);
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    return { from, layer: { ...layer, place: count === 0 ? name : `${name}_${count}` } };
  });
}

/** LeakyReLU → leaky_re_lu */
function inSnakeCase(name: string): string {
  return name
    .replace(/\W+/g, "")
    .replace(/(.)([A-Z][a-z]+)/g, "$1_$2")
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase();
}

/** Raises FormatError where a layer has several before or behind it. */
function inChain(nodes: readonly Node[], file: string): KerasLayer[] {
  const fork = nodes.find(({ from }) => from.length > 1);
  if (fork !== undefined) {
    const { type, name } = fork.layer;
    throw broken(
      "tensorSet",
      `${file}, layer ${name}`,
      "a chain of layers",
      `${type} of ${listed(fork.from)}`,
    );
  }
  const chain: KerasLayer[] = [];
  let behind = nodes.filter(({ from }) => from.length === 0);
  while (behind.length === 1 && behind[0] !== undefined && chain.length < nodes.length) {
    const { layer } = behind[0];
    chain.push(layer);
    behind = nodes.filter(({ from }) => from[0] === layer.name);
  }
  if (behind.length === 0 && chain.length === nodes.length) return chain;
  const names = behind.map(({ layer }) => layer.name);
  throw broken(
    "tensorSet",
    file,
    "a chain of layers, from one input to one output",
    `branches: ${listed(names)}`,
  );
}
