import type { Layer } from "../catalog/layers.js";
import type { AnyLayerParameters, AnyLayerParametersInput } from "../model/parameters.js";

/** What a handle asks of its layer in the worker. */
export type LayerMethod = "trainable" | "setTrainable" | "parameters" | "setParameters";

/** Asks the worker's handle at this place: an index among `network.layers`, then those in a residual layer. */
export type AskLayer = (
  place: readonly number[],
  method: LayerMethod,
  args: readonly unknown[],
) => Promise<unknown>;

/** One layer of a network in a worker: what `network.layers` of a {@link Network} has, as promises. */
export class WorkerLayer<
  Own extends AnyLayerParameters = AnyLayerParameters,
  Input extends AnyLayerParametersInput = AnyLayerParametersInput,
> {
  readonly type: Layer["type"];
  /** Its name, where it has one. */
  readonly name: string | undefined;
  /** Of a residual layer those in it; else none. */
  readonly layers: readonly WorkerLayer<Own, Input>[];
  readonly #ask: AskLayer;
  readonly #place: readonly number[];

  /** @internal */
  constructor(ask: AskLayer, layer: Layer, place: readonly number[]) {
    this.type = layer.type;
    this.name = layer.name;
    this.layers = layer.type === "residual" ? workerLayers(ask, layer.layers, place) : [];
    this.#ask = ask;
    this.#place = place;
    Object.freeze(this);
  }

  /** Whether training changes its parameters, of a residual layer any of those in it. */
  async trainable(): Promise<boolean> {
    return (await this.#ask(this.#place, "trainable", [])) as boolean;
  }

  /** Sets that, of a residual layer for all in it; `network.config` follows. Rejects with ConfigError, and StateError while fit runs. */
  async setTrainable(trainable: boolean): Promise<void> {
    await this.#ask(this.#place, "setTrainable", [trainable]);
  }

  /** Copies of its parameters; undefined where it has none of its own. */
  async parameters(): Promise<Own | undefined> {
    return (await this.#ask(this.#place, "parameters", [])) as Own | undefined;
  }

  /** Sets them to copies of these. Rejects as setParameters of a {@link Network}'s layer raises. */
  async setParameters(parameters: Input): Promise<void> {
    await this.#ask(this.#place, "setParameters", [parameters]);
  }
}

/** A handle for each of these layers. */
export function workerLayers<Own extends AnyLayerParameters, Input extends AnyLayerParametersInput>(
  ask: AskLayer,
  layers: readonly Layer[],
  place: readonly number[] = [],
): readonly WorkerLayer<Own, Input>[] {
  return Object.freeze(layers.map((layer, i) => new WorkerLayer<Own, Input>(ask, layer, [...place, i])));
}
