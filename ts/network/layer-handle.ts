import type { Layer } from "../catalog/layers.js";
import { countLayers, withTrainable } from "../config/trainable.js";
import { checkBoolean } from "../config/validation.js";
import { ShapeError } from "../errors/errors.js";
import type { DenseLayer } from "../model/dense.js";
import type { Layers } from "../model/layers.js";
import type { NormLayer } from "../model/norm.js";
import {
  type AnyLayerParameters,
  type AnyLayerParametersInput,
  flattenOne,
  type LayerParameters,
  type LayerParametersInput,
  readLayer,
} from "../model/parameters.js";

/** What a handle has of its network. */
export interface LayerAccess {
  readonly layers: Layers;
  /** Raises StateError or InternalError where parameters can't be read. */
  checkReadable(): void;
  /** Raises StateError where they can't be changed now, naming the call. */
  checkIdle(call: string): void;
}

/** One layer of a network: see {@link Network.layers}. */
export class NetworkLayer<
  Own extends AnyLayerParameters = LayerParameters,
  Input extends AnyLayerParametersInput = LayerParametersInput,
> {
  readonly type: Layer["type"];
  /** Its name, where it has one. */
  readonly name: string | undefined;
  /** Of a residual layer those in it; else none. */
  readonly layers: readonly NetworkLayer<Own, Input>[];
  readonly #access: LayerAccess;
  /** Such as `layers[2]`. */
  readonly #path: string;
  /** The numbers of the layer and of the last in it, as the configuration counts them, from 1. */
  readonly #first: number;
  readonly #last: number;

  /** @internal */
  constructor(access: LayerAccess, layer: Layer, path: string, number: number) {
    this.type = layer.type;
    this.name = layer.name;
    this.layers =
      layer.type === "residual" ? handlesOf(access, layer.layers, `${path}.layers`, number + 1) : [];
    this.#access = access;
    this.#path = path;
    this.#first = number;
    this.#last = number + countLayers(layer) - 1;
    Object.freeze(this);
  }

  /**
   * Whether training changes its parameters, of a residual layer any of those in it. Setting it changes `network.config` too,
   * so that files have it; of a residual layer that of all in it. A layer without parameters has none to train: it is false,
   * and setting it changes nothing. Set, it raises ConfigError, and StateError while fit runs.
   */
  get trainable(): boolean {
    this.#access.checkReadable();
    return this.#nodes.some(({ trainable }) => trainable);
  }

  set trainable(value: boolean) {
    this.#access.checkIdle(`${this.#path}.trainable`);
    checkBoolean(`${this.#path}.trainable`, value);
    const { layers } = this.#access;
    if (this.#nodes.every(({ trainable }) => trainable === value)) return;
    layers.configure(withTrainable(layers.config, this.#first, this.#last, value));
  }

  /** Copies of its parameters, as {@link Network.parameters} has them; undefined where it has none of its own. */
  parameters(): Own | undefined {
    this.#access.checkReadable();
    const { layers } = this.#access;
    const node = this.#node;
    return node === undefined ? undefined : (readLayer(layers, node, layers.parameters) as Own);
  }

  /** Sets them to copies of these. Raises ShapeError or DataError before anything changes, and StateError while fit runs. */
  setParameters(parameters: Input): void {
    const call = `${this.#path}.setParameters`;
    this.#access.checkIdle(call);
    const { layers } = this.#access;
    const node = this.#node;
    if (node === undefined)
      throw new ShapeError(call, "a layer with parameters of its own", `a ${this.type}`);
    const flat = flattenOne(layers, node, parameters);
    this.#access.checkIdle(call); // A getter among them may have begun a fit, or disposed.
    layers.parameters.write(flat.parameters, node.at);
    if (node.kind === "dense") layers.intoPanels(layers.parameters, [node]);
    else layers.statistics.write(flat.statistics, node.statisticsAt);
  }

  /** Those with parameters, in it or itself. */
  get #nodes(): readonly (DenseLayer | NormLayer)[] {
    return this.#access.layers.parameterized.filter(
      ({ layer }) => layer >= this.#first && layer <= this.#last,
    );
  }

  get #node(): DenseLayer | NormLayer | undefined {
    return this.#access.layers.parameterized.find(({ layer }) => layer === this.#first);
  }
}

/** @internal One handle for each of these layers, of which the first has this number. */
export function handlesOf<Own extends AnyLayerParameters, Input extends AnyLayerParametersInput>(
  access: LayerAccess,
  layers: readonly Layer[],
  path = "layers",
  first = 1,
): readonly NetworkLayer<Own, Input>[] {
  let number = first;
  return Object.freeze(
    layers.map((layer, i) => {
      const handle = new NetworkLayer<Own, Input>(access, layer, `${path}[${i}]`, number);
      number += countLayers(layer);
      return handle;
    }),
  );
}
