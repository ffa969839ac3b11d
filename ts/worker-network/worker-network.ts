import { layersOf } from "../config/layer-list.js";
import { type Dataset, isRead, type Stream } from "../data/dataset.js";
import type { Inputs, Labels } from "../data/examples.js";
import type { Runtime } from "../engine/engine.js";
import { StateError } from "../errors/errors.js";
import type { Metric, MetricScores } from "../metrics/metric.js";
import type {
  ClassOptions,
  CreateLayersOptions,
  CreateOptions,
  NumberLayersOptions,
  NumberOptions,
} from "../network/create-options.js";
import { EpochRun, type Gate, type Gated } from "../network/epoch-run.js";
import { type FitArguments, readFitArguments } from "../network/fit-arguments.js";
import type { FitOptions } from "../network/fit-options.js";
import type { AnyForm, LayersForm, WidthsForm } from "../network/forms.js";
import type { Network } from "../network/network.js";
import type { TransferOptions } from "../network/transfer.js";
import type { EvaluateDataOptions, EvaluateOptions } from "../training/asked-scores.js";
import type { ClassScores, NumberScores } from "../training/scores.js";
import type { History } from "../training/state.js";
import { lentArguments } from "./lent-data.js";
import { Link } from "./link.js";
import { isSignal } from "./loan.js";
import type { Facts, Method } from "./messages.js";
import { type AskLayer, type WorkerLayer, workerLayers } from "./worker-layer.js";

/** Ends the worker of a network that was collected without dispose. A backstop only. */
const abandoned = /* @__PURE__ */ new FinalizationRegistry<Link>((link) => link.terminate());

/** Those of the network, as promises. */
type Methods<Scores extends ClassScores | NumberScores, Form extends AnyForm> = {
  [Name in Exclude<Method, "evaluate" | "fit">]: (
    ...args: Parameters<Network<Scores, Form>[Name]>
  ) => Promise<Awaited<ReturnType<Network<Scores, Form>[Name]>>>;
};

/** A method's promise. */
type Promised<Name extends Method> = Promise<Awaited<ReturnType<Network[Name]>>>;

/**
 * A {@link Network} that lives in a worker of its own, made by {@link createWorkerNetwork}. Its methods are the
 * network's, as promises; they take their turns in the order in which they were called, and give the same bits and the
 * same errors. Arguments are read at the call, as fit reads them.
 * Every method rejects with StateError after dispose, and with InternalError once the worker has died.
 */
export class WorkerNetwork<
  Scores extends ClassScores | NumberScores = ClassScores,
  Form extends AnyForm = WidthsForm,
> implements Facts, Methods<Scores, Form>
{
  /** {@link Network.layers}, whose answers are promises. */
  readonly layers: readonly WorkerLayer<Form["parameters"], Form["parametersInput"]>[];
  /** What computes it in the worker: backend, threads, SIMD, and why. */
  readonly runtime: Runtime;
  /** {@link Network.metadata}. */
  readonly metadata: Network["metadata"];
  readonly #link: Link;
  #config: Form["config"];
  #isDisposed = false;
  #disposal: Promise<void> | undefined;

  /** @internal */
  constructor(link: Link, { config, runtime, metadata }: Facts) {
    this.#link = link;
    this.#config = config; // by whose options the type was made
    this.layers = workerLayers(this.#askLayer.bind(this), layersOf(config));
    this.runtime = runtime;
    this.metadata = metadata;
    abandoned.register(this, link, this);
  }

  /** The configuration with all defaults filled in. It follows {@link WorkerLayer.setTrainable}. */
  get config(): Form["config"] {
    return this.#config;
  }

  /** How many updates the network has had, as far as the worker has told: at a call's end and at each callback. */
  get steps(): number {
    return this.#link.steps;
  }

  /**
   * {@link Network.fit} in the worker. Callbacks run here; the worker waits for each, a promise that it returns
   * included. `checkpoint.store` is called here too; without one, the worker writes the files itself.
   */
  fit(x: Inputs, y: Labels, options: FitOptions): Promise<History>;
  /** Rows and batches are read here, when the worker asks for them. */
  fit(data: Dataset | Stream, options: FitOptions): Promise<History>;
  async fit(...args: readonly unknown[]): Promise<History> {
    return (await this.#call<Method>("fit", lentArguments(args))) as History;
  }

  /** {@link Network.epochs} in the worker, which waits until the next epoch is asked for. */
  epochs(x: Inputs, y: Labels, options: FitOptions): EpochRun;
  epochs(data: Dataset | Stream, options: FitOptions): EpochRun;
  epochs(...args: FitArguments): EpochRun {
    const { x, y, options } = readFitArguments(args);
    const begin = (given: FitOptions) =>
      isRead(x) ? this.fit(x, given) : this.fit(x as Inputs, y as Labels, given);
    return new EpochRun((gate) => begin(gatedOptions(options, gate)), gatedOf(options));
  }

  /** {@link Network.trainStep} in the worker. */
  trainStep(...args: Parameters<Network["trainStep"]>): Promised<"trainStep"> {
    return this.#call("trainStep", args);
  }

  /** {@link Network.gradients} in the worker. */
  async gradients(
    ...args: Parameters<Network<Scores, Form>["gradients"]>
  ): Promise<ReturnType<Network<Scores, Form>["gradients"]>> {
    return (await this.#call<Method>("gradients", args)) as ReturnType<Network<Scores, Form>["gradients"]>;
  }

  /** {@link Network.predict} in the worker. */
  predict(...args: Parameters<Network["predict"]>): Promised<"predict"> {
    return this.#call("predict", args);
  }

  /** {@link Network.classify} in the worker. */
  classify(...args: Parameters<Network["classify"]>): Promised<"classify"> {
    return this.#call("classify", args);
  }

  /** {@link Network.evaluate} in the worker. */
  async evaluate<
    Label extends string,
    Asked extends readonly (Metric & (string | { readonly name?: Label }))[] | readonly [] = readonly [],
  >(x: Inputs, y: Labels, options?: EvaluateOptions<Asked>): Promise<Awaited<Scores & MetricScores<Asked>>>;
  /** Rows and batches are read here, when the worker asks for them. */
  evaluate<
    Label extends string,
    Asked extends readonly (Metric & (string | { readonly name?: Label }))[] | readonly [] = readonly [],
  >(
    data: Dataset | Stream,
    options?: EvaluateDataOptions<Asked>,
  ): Promise<Awaited<Scores & MetricScores<Asked>>>;
  async evaluate(...args: readonly unknown[]): Promise<unknown> {
    return this.#call<Method>("evaluate", lentArguments(args));
  }

  /** {@link Network.parameters}: copies. */
  async parameters(): Promise<Form["parameters"][]> {
    return (await this.#call<Method>("parameters", [])) as Form["parameters"][];
  }

  /** {@link Network.setParameters} in the worker. */
  async setParameters(parameters: readonly Form["parametersInput"][]): Promise<void> {
    await this.#call("setParameters", [parameters]);
  }

  /**
   * {@link Network.clone} in a worker of its own, of as many threads. Rejects as {@link createWorkerNetwork} does; while fit runs
   * it is of its last whole step.
   */
  async clone(): Promise<WorkerNetwork<Scores, Form>> {
    const { backend: engine, threads, math } = this.runtime;
    return workerNetworkOf("load", [await this.toBytes(), { engine, threads, math }]);
  }

  /** What `transfer(network, options)` makes of it, in a worker of its own. */
  async transfer<Other extends ClassScores | NumberScores = ClassScores>(
    options: TransferOptions,
  ): Promise<WorkerNetwork<Other, LayersForm>> {
    return workerNetworkOf("load", [await this.toBytes(), { threads: 1 }, options]);
  }

  /** {@link Network.summary}. */
  summary(): Promised<"summary"> {
    return this.#call("summary", []);
  }

  /** {@link Network.toBytes}. */
  toBytes(...args: Parameters<Network["toBytes"]>): Promised<"toBytes"> {
    return this.#call("toBytes", args);
  }

  /** {@link Network.save}: the worker writes the file, or gives its bytes to the store here. */
  save(...args: Parameters<Network["save"]>): Promised<"save"> {
    return this.#call("save", args);
  }

  /** {@link Network.toOnnx}. */
  toOnnx(...args: Parameters<Network["toOnnx"]>): Promised<"toOnnx"> {
    return this.#call("toOnnx", args);
  }

  /**
   * Ends the worker, after the calls before it; a second call does nothing. Rejects with StateError while fit runs,
   * and then nothing has changed.
   */
  dispose(): Promise<void> {
    this.#disposal ??= this.#dispose().catch((error: unknown) => {
      this.#disposal = undefined;
      throw error;
    });
    return this.#disposal;
  }

  /** As {@link WorkerNetwork.dispose}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  async #dispose(): Promise<void> {
    if (!this.#link.isDead) await this.#call("dispose", []);
    this.#isDisposed = true;
    abandoned.unregister(this);
    this.#link.close();
  }

  async #call<Name extends Method>(method: Name, args: readonly unknown[]): Promised<Name> {
    this.#checkNotDisposed();
    return (await this.#link.request(method, args, this)) as Awaited<Promised<Name>>;
  }

  async #askLayer(...args: Parameters<AskLayer>): Promise<unknown> {
    this.#checkNotDisposed();
    const [place, method, given] = args;
    const answer = await this.#link.request("layer", [place, method, ...given], this);
    if (method === "setTrainable") this.#config = frozen(answer as Form["config"]);
    return answer;
  }

  #checkNotDisposed(): void {
    if (this.#isDisposed) throw new StateError("network", "one that wasn't disposed of", "one that was");
  }
}

/**
 * A network as {@link createNetwork} makes it, to the bit, whose engine, its threads included, runs in a worker of its
 * own: the caller's event loop stays free while it trains, and a page gets all threads where it is cross-origin isolated.
 * Data cross once: they are copied, some at a time, into buffers that are transferred; results are transferred.
 * Rejects as createNetwork does, and with EnvironmentError where the worker can't be had.
 */
export function createWorkerNetwork(options: ClassOptions): Promise<WorkerNetwork>;
export function createWorkerNetwork(options: NumberOptions): Promise<WorkerNetwork<NumberScores>>;
export function createWorkerNetwork(
  options: NumberLayersOptions,
): Promise<WorkerNetwork<NumberScores, LayersForm>>;
export function createWorkerNetwork(
  options: CreateLayersOptions,
): Promise<WorkerNetwork<ClassScores, LayersForm>>;
export function createWorkerNetwork(options: CreateOptions): Promise<WorkerNetwork>;
export async function createWorkerNetwork(
  options: CreateOptions | CreateLayersOptions,
): Promise<WorkerNetwork<ClassScores & NumberScores, WidthsForm & LayersForm>> {
  return workerNetworkOf("create", [options]);
}

/** A network in a new worker. */
async function workerNetworkOf<Scores extends ClassScores | NumberScores, Form extends AnyForm>(
  how: "create" | "load",
  args: readonly unknown[],
): Promise<WorkerNetwork<Scores, Form>> {
  const link = new Link();
  try {
    const facts = await link.request(how, args, link);
    return new WorkerNetwork<Scores, Form>(link, frozen(facts as Facts));
  } catch (error) {
    link.terminate();
    throw error;
  }
}

/** What of options a gate can take the place of; what is neither is left for the network's own checks. */
function gatedOf(options: unknown): Gated {
  const { onEpoch, signal }: Partial<FitOptions> =
    typeof options === "object" && options !== null ? options : {};
  return {
    onEpoch: typeof onEpoch === "function" ? onEpoch : undefined,
    signal: typeof signal === "object" && signal !== null && isSignal(signal) ? signal : undefined,
  };
}

function gatedOptions(options: FitOptions, gate: Gate): FitOptions {
  if (typeof options !== "object" || options === null) return options;
  const gated = gatedOf(options);
  const passes = (name: keyof Gate) => options[name] === undefined || gated[name] !== undefined;
  return {
    ...options,
    ...(passes("onEpoch") && { onEpoch: gate.onEpoch }),
    ...(passes("signal") && { signal: gate.signal }),
  };
}

/** Frozen throughout, as the worker's was. */
function frozen<Value>(value: Value): Value {
  if (typeof value !== "object" || value === null) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
}
