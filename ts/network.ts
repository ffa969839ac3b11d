import type { BatchMemory } from "./batch-memory.js";
import { load } from "./batch-source.js";
import { atOnce } from "./breath.js";
import { type NetworkConfig, type NetworkOptions, resolveConfig } from "./config.js";
import { type Inputs, type Labels, toExamples, toInputs } from "./data.js";
import { type Dropout, givenMasks, readMasks } from "./dropout.js";
import { NumericError, StateError } from "./errors.js";
import { encodeModel, type Model, writeParameters } from "./files/model-file.js";
import { encodeOnnx } from "./files/onnx.js";
import { resolveSaveOptions, type SaveOptions } from "./files/save-options.js";
import {
  type FitOptions,
  type GradientOptions,
  type GradientSettings,
  resolveFitOptions,
  resolveGradientOptions,
  resolveStepOptions,
  type StepOptions,
} from "./fit-options.js";
import { Layers } from "./layers.js";
import { Matrix } from "./matrix.js";
import { checkMetadata, type Metadata, NO_METADATA } from "./metadata.js";
import { adam } from "./optimizer.js";
import {
  flattenParameters,
  type LayerParameters,
  type LayerParametersInput,
  readParameters,
} from "./parameters.js";
import { oneSeed, type Seeds } from "./random.js";
import { withRoom } from "./room.js";
import {
  type FitSettings,
  type FitState,
  type History,
  lossAndGradients,
  randomDropout,
  runEpochs,
  type Trainee,
  takeStep,
} from "./training.js";
import { readOptions } from "./validation.js";
import { checkThreads, type Engine, type Runtime, startEngine, type Threads } from "./wasm/runtime.js";

/** Gives back the memory of a network that was collected without dispose. A backstop only. */
const abandoned = new FinalizationRegistry<Layers>((layers) => {
  try {
    layers.blocks.releaseAll();
  } catch {
    // A trap: whoever uses the instance next is told, and there is nobody here to tell.
  }
});

/**
 * A network of dense layers, A_l = g(W_l·A_{l−1} + b_l), made by {@link createNetwork}. Its numbers
 * live in WebAssembly memory: call {@link Network.dispose} (or declare it with `using`) at the end.
 * Every method raises StateError after dispose, and InternalError after a trap.
 */
export class Network {
  /** The configuration with all defaults filled in. */
  readonly config: NetworkConfig;
  /** What computes it: backend, threads, SIMD, and why. */
  readonly runtime: Runtime;
  /** @internal */
  readonly trainee: Trainee;
  #fitting = false;
  #disposed = false;
  /** A kernel trapped in one of this network's own calls: a step may be half done. */
  #broken = false;

  /** @internal */
  constructor(
    { instance, runtime }: Engine,
    config: NetworkConfig,
    seeds: Seeds,
    saved?: Model,
    metadata: Metadata = saved?.metadata ?? NO_METADATA,
  ) {
    instance.checkUsable();
    const layers = new Layers(instance, config, runtime.threads);
    if (saved === undefined) layers.initialize(config.initialization, seeds.initialization);
    else writeParameters(layers, saved);
    const progress = { epoch: 0, step: 0, steps: 0, ...saved?.progress };
    this.config = config;
    this.runtime = Object.freeze(runtime);
    this.trainee = Object.freeze({ config, seeds: Object.freeze({ ...seeds }), layers, progress, metadata });
    Object.freeze(this);
    abandoned.register(this, layers, this);
  }

  /** Whether `value` was made by this class. @internal */
  static is(value: unknown): value is Network {
    return typeof value === "object" && value !== null && #disposed in value;
  }

  /** The texts of one's own that it was made or loaded with, frozen: they are in every file of it. */
  get metadata(): Metadata {
    return this.trainee.metadata;
  }

  /** How many updates the network has had. */
  get steps(): number {
    return this.trainee.progress.steps;
  }

  /**
   * Visits all examples `epochs` times, in mini-batches whose order follows from the seed, one update each.
   * Lets the event loop run at least every 50 ms. Reads x and y once, into a copy, before the first step (large ones in
   * several turns of the event loop, and they must not change until then): what changes later has no effect.
   * Raises ConfigError, ShapeError, DataError, ResourceError before the first step; NumericError at a step that would
   * not be finite (the network stays as the step before left it); StateError while another fit runs.
   */
  async fit(x: Inputs, y: Labels, options: FitOptions): Promise<History> {
    this.#checkIdle("fit");
    const settings = resolveFitOptions(options);
    this.#checkIdle("fit"); // A getter among the options may have begun another, or disposed of the network.
    return this.runFit(x, y, settings);
  }

  /** @internal A new fit, or one that goes on from `state`. */
  async runFit(x: Inputs, y: Labels, given: FitSettings, state?: FitState): Promise<History> {
    this.#fitting = true;
    const optimizer = given.optimizer ?? adam();
    try {
      return await runEpochs(this.trainee, x, y, { ...given, optimizer }, state);
    } catch (error) {
      throw this.#explain(error);
    } finally {
      if (given.optimizer === undefined) optimizer.discard();
      this.#fitting = false;
    }
  }

  /**
   * One update on exactly these examples; returns the loss before it, L2 term included.
   * Raises ConfigError, ShapeError, DataError, NumericError or StateError, and then nothing has changed.
   */
  trainStep(x: Inputs, y: Labels, options: StepOptions): number {
    this.#checkIdle("trainStep");
    const settings = resolveStepOptions(options);
    return this.#withBatch("trainStep", x, y, settings, (batch, rows, dropout) => {
      settings.optimizer.attach(this.#layers);
      return takeStep(this.trainee, batch, rows, settings, this.trainee.progress, dropout);
    });
  }

  /**
   * The loss on these examples and its gradient by every parameter. No update, and no dropout unless its
   * masks are given. Raises as {@link Network.trainStep} does.
   */
  gradients(
    x: Inputs,
    y: Labels,
    options: GradientOptions = {},
  ): { loss: number; gradients: LayerParameters[] } {
    this.#checkIdle("gradients");
    const settings = resolveGradientOptions(options);
    return this.#withBatch("gradients", x, y, settings, (batch, rows, dropout) => ({
      loss: lossAndGradients(this.trainee, batch, rows, settings.l2, dropout),
      gradients: readParameters(this.#layers, this.#layers.gradients),
    }));
  }

  /**
   * A_L for these examples, m × n_L: probabilities. Raises ShapeError or DataError; NumericError where a logit isn't
   * finite, naming the first layer whose activations aren't.
   */
  predict(x: Inputs): Matrix {
    this.#checkUsable();
    const layers = this.#layers;
    const { x: inputs, m } = atOnce(toInputs(x, this.config, layers.instance));
    this.#checkUsable();
    const outputs = layers.newNumbers(m * layers.outputs);
    this.#inChunks(m, (batch, start, rows) => {
      layers.write(batch.x, inputs.subarray(start * layers.inputs, (start + rows) * layers.inputs));
      this.#forwardFinite(batch, rows);
      outputs.set(layers.probabilities(batch, rows), start * layers.outputs);
    });
    return new Matrix(outputs, m, layers.outputs);
  }

  /**
   * On these examples, the mean loss (no L2 term) and the accuracy: the share of units that are on the
   * right side of 1/2 (sigmoid: p > 1/2 is a 1, and 1/2 itself a 0, which Math.round would make a 1) or of
   * examples whose likeliest class is the label (softmax: of classes that are as likely, the first).
   * Raises ShapeError or DataError; NumericError where a logit or the loss isn't finite, naming the layer.
   */
  evaluate(x: Inputs, y: Labels): { loss: number; accuracy: number } {
    this.#checkUsable();
    const layers = this.#layers;
    const { x: inputs, labels, m, labelWidth } = atOnce(toExamples(x, y, this.config, layers.instance));
    this.#checkUsable();
    let lossSum = 0;
    let correct = 0;
    this.#inChunks(m, (batch, start, rows) => {
      const end = start + rows;
      layers.write(batch.x, inputs.subarray(start * layers.inputs, end * layers.inputs));
      layers.writeLabels(batch.labels, labels.subarray(start * labelWidth, end * labelWidth));
      this.#forwardFinite(batch, rows);
      lossSum += layers.lossSum(batch, rows, false);
      correct += layers.correct(batch, rows);
    });
    if (!Number.isFinite(lossSum)) {
      throw new NumericError(layers.dense.length, undefined, "losses with a finite sum", `${lossSum}`);
    }
    return { loss: lossSum / m, accuracy: correct / (m * labelWidth) };
  }

  /** Copies of W_l and b_l for l = 1 … L. */
  parameters(): LayerParameters[] {
    this.#checkNotDisposed();
    if (this.#broken || !this.#layers.instance.readable) this.#layers.instance.checkUsable();
    return readParameters(this.#layers, this.#layers.parameters);
  }

  /** Sets all W_l and b_l to copies of these. Raises ShapeError or DataError before anything changes. */
  setParameters(parameters: readonly LayerParametersInput[]): void {
    this.#checkIdle("setParameters");
    const layers = this.#layers;
    const flat = flattenParameters(layers, parameters);
    this.#checkIdle("setParameters");
    layers.write(layers.parameters, flat);
    layers.intoPanels(layers.parameters);
  }

  /**
   * The network as the bytes of a safetensors file, with its configuration: docs/format.md. While fit runs,
   * as its last whole step left it.
   */
  toBytes(): Uint8Array<ArrayBuffer> {
    this.#checkUsable();
    return this.#guarded(() => atOnce(encodeModel(this.trainee)));
  }

  /**
   * Writes {@link Network.toBytes} to a file (in browsers: to the store given), whole or not at all.
   * Rejects with StorageError, and then the file is what it was; with ConfigError for options.
   */
  async save(path: string | URL, options: SaveOptions = {}): Promise<void> {
    const { name, store, keep } = resolveSaveOptions(path, options);
    await store.write(name, this.toBytes(), keep);
  }

  /**
   * The network as an ONNX model (opset 13) with input `x` (batch × n_0) and output `probabilities`
   * (batch × n_L), in the network's dtype, and its metadata. Training's state is no part of it.
   */
  toOnnx(): Uint8Array<ArrayBuffer> {
    return encodeOnnx(this.config, this.parameters(), this.metadata);
  }

  /** Gives the memory back; a second call does nothing. Raises StateError while fit runs. */
  dispose(): void {
    if (this.#disposed) return;
    if (this.#fitting) throw busy("dispose");
    this.#disposed = true;
    abandoned.unregister(this);
    this.#layers.blocks.releaseAll();
  }

  /** As {@link Network.dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  get #layers(): Layers {
    return this.trainee.layers;
  }

  #checkNotDisposed(): void {
    if (this.#disposed) throw new StateError("network", "one that wasn't disposed of", "one that was");
  }

  #checkUsable(): void {
    this.#checkNotDisposed();
    this.#layers.instance.checkUsable();
  }

  #checkIdle(call: string): void {
    this.#checkUsable();
    if (this.#fitting) throw busy(call);
  }

  /**
   * Runs `compute` on checked examples in the training memory, with the masks given or random ones. All that was
   * given is read before the state is looked at again: a getter in it may have begun a fit, or disposed.
   */
  #withBatch<Result>(
    call: string,
    x: Inputs,
    y: Labels,
    { keepProb, dropoutMasks }: GradientSettings,
    compute: (batch: BatchMemory, rows: number, dropout: Dropout | undefined) => Result,
  ): Result {
    const layers = this.#layers;
    const masks = dropoutMasks === undefined ? undefined : readMasks(dropoutMasks, layers);
    const examples = atOnce(toExamples(x, y, this.config, layers.instance));
    // A getter among the data may have called anything.
    this.#checkIdle(call);
    const dropout =
      masks === undefined
        ? randomDropout(this.trainee, keepProb, this.trainee.progress)
        : { keepProb, masks: givenMasks(masks, layers, examples.m) };
    return this.#guarded(() => {
      const batch = layers.trainingMemory(examples.m, dropout !== undefined);
      load(layers, batch, examples);
      return compute(batch, examples.m, dropout);
    });
  }

  /** Runs `compute` on the prediction memory for all of m rows, some at a time. */
  #inChunks(m: number, compute: (batch: BatchMemory, start: number, rows: number) => void): void {
    this.#checkUsable(); // A getter among the data may have disposed of it.
    this.#guarded(() => {
      const size = this.#layers.predictionRows;
      const batch = this.#layers.predictionMemory(Math.min(size, m));
      for (let start = 0; start < m; start += size) compute(batch, start, Math.min(size, m - start));
    });
  }

  /** A_1 … A_L ← from X in the batch's memory. Raises NumericError where a logit isn't finite. */
  #forwardFinite(batch: BatchMemory, rows: number): void {
    const layers = this.#layers;
    layers.forward(batch, rows);
    if (layers.hasFiniteLogits(batch, rows)) return;
    const layer = layers.firstNonFinite(batch, rows) ?? layers.dense.length;
    throw new NumericError(layer, undefined, "finite activations", "NaN or infinity");
  }

  #explain(error: unknown): unknown {
    const { instance } = this.#layers;
    const explained = instance.explain(error);
    this.#broken ||= instance.isTrap(explained);
    return explained;
  }

  #guarded<Result>(compute: () => Result): Result {
    try {
      return compute();
    } catch (error) {
      throw this.#explain(error);
    }
  }
}

function busy(call: string): StateError {
  return new StateError(call, "no fit running on this network", "one that runs");
}

/** What {@link createNetwork} takes: the network's configuration, and how it is computed. */
export interface CreateOptions extends NetworkOptions {
  /**
   * How many threads compute it, the caller's included: an integer in [1, 64], or `"auto"` (default): all
   * processors, at most 8, or one where its layers are too small to gain. Where threads can't be had it is one;
   * {@link Network.runtime} says why, and a warning if a number was given or chosen. The number changes no bit of any
   * result.
   */
  readonly threads?: Threads;
  /**
   * Texts of your own that are kept in every file of the network, such as
   * `{ classes: JSON.stringify(["cat", "dog"]) }`: at most 128 of them, with keys of 1 to 256 characters, and
   * 64 KiB in all. Default none.
   */
  readonly metadata?: Metadata;
}

/**
 * A network with new parameters.
 * Raises ConfigError, EnvironmentError (no WebAssembly with SIMD, or its file can't be loaded) or
 * ResourceError (too little memory, also after networks that nobody holds any more gave theirs back).
 */
export async function createNetwork(options: CreateOptions): Promise<Network> {
  const { threads, metadata, ...networkOptions } = readOptions("createNetwork", "options", options);
  const config = resolveConfig(networkOptions);
  const texts = checkMetadata(metadata);
  return makeNetwork(checkThreads(threads), config, oneSeed(config.seed), undefined, texts);
}

/** @internal A network with new parameters or those saved. Rejects as {@link createNetwork} does. */
export function makeNetwork(
  threads: Threads,
  config: NetworkConfig,
  seeds: Seeds,
  saved?: Model,
  metadata?: Metadata,
): Promise<Network> {
  return withRoom(
    async () => new Network(await startEngine(threads, config.layerDims), config, seeds, saved, metadata),
  );
}
