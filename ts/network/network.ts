import { layersOf } from "../config/layer-list.js";
import { type Metadata, NO_METADATA } from "../config/metadata.js";
import type { Seeds } from "../config/seeds.js";
import { summaryOf } from "../config/summary.js";
import { readOptions } from "../config/validation.js";
import { type Dataset, isRead, type Stream } from "../data/dataset.js";
import { type Inputs, type Labels, toExamples, toInputs } from "../data/examples.js";
import { Matrix } from "../data/matrix.js";
import type { Engine, Runtime } from "../engine/engine.js";
import type { Floats } from "../engine/memory.js";
import { StateError } from "../errors/errors.js";
import { encodeModel, type Model, writeParameters } from "../files/model-file.js";
import { encodeOnnx } from "../files/onnx.js";
import { resolveSaveOptions, type SaveOptions } from "../files/save-options.js";
import type { Metric, MetricScores } from "../metrics/metric.js";
import type { BatchMemory } from "../model/batch-memory.js";
import { checkMasks, type Dropout, dropoutOf, readMasks } from "../model/dropout.js";
import { Layers } from "../model/layers.js";
import { checkBatch } from "../model/least-batch.js";
import { flattenParameters, readParameters } from "../model/parameters.js";
import { loadInputs } from "../model/scaling.js";
import { atOnce } from "../platform/breath.js";
import type { EvaluateDataOptions, EvaluateOptions } from "../training/asked-scores.js";
import { load } from "../training/batch-source.js";
import { resolveClassWeight, weighed } from "../training/class-weight.js";
import { type ClassifyOptions, classesOf, classRule } from "../training/classes.js";
import { runEpochs } from "../training/epoch-loop.js";
import {
  type Scores as AnyScores,
  activateOutputs,
  evaluation,
  forwardFinite,
  metricsOf,
} from "../training/evaluation.js";
import type { ClassScores, NumberScores } from "../training/scores.js";
import type { History, Trainee } from "../training/state.js";
import { lossAndGradients, stepOperations, takeStep } from "../training/step.js";
import { EpochRun } from "./epoch-run.js";
import { evaluateData } from "./evaluate-data.js";
import { type FitArguments, readFitArguments } from "./fit-arguments.js";
import {
  type FitOptions,
  type FitSettings,
  type GradientOptions,
  type GradientSettings,
  resolveFitOptions,
  resolveGradientOptions,
  resolveStepOptions,
  type StepOptions,
} from "./fit-options.js";
import type { AnyForm, WidthsForm } from "./forms.js";
import { handlesOf, type NetworkLayer } from "./layer-handle.js";
import { type UnfinishedFit, watchesOf } from "./watches.js";

/** Gives back the memory of a network that was collected without dispose. A backstop only. */
const abandoned = new FinalizationRegistry<Layers>((layers) => {
  try {
    layers.release();
  } catch {
    // A trap: whoever uses the instance next is told, and there is nobody here to tell.
  }
});

/**
 * A network of dense layers, A_l = g(W_l·A_{l−1} + b_l), made by {@link createNetwork}. Its numbers
 * live in WebAssembly memory: call {@link Network.dispose} (or declare it with `using`) at the end.
 * Every method raises StateError after dispose, and InternalError after a trap.
 */
export class Network<
  Scores extends ClassScores | NumberScores = ClassScores,
  Form extends AnyForm = WidthsForm,
> {
  /** What computes it: backend, threads, SIMD, and why. */
  readonly runtime: Runtime;
  /**
   * A handle for each layer of the configuration, in order: its parameters alone, and whether they are trained, as in
   * `network.layers[0].trainable = false`. Of `layerDims` those are the layers 1 … L.
   */
  readonly layers: readonly NetworkLayer<Form["parameters"], Form["parametersInput"]>[];
  /** @internal */
  readonly trainee: Trainee;
  #fitting = false;
  /** Evaluations that wait for their data. */
  #evaluating = 0;
  #disposed = false;
  /** A kernel trapped in one of this network's own calls: a step may be half done. */
  #broken = false;

  /** @internal */
  constructor(
    engine: Engine,
    config: Form["config"],
    seeds: Seeds,
    saved?: Model | Trainee,
    metadata: Metadata = saved?.metadata ?? NO_METADATA,
  ) {
    engine.checkUsable();
    const layers = new Layers(engine, config);
    if (saved === undefined) layers.initialize(seeds.initialization);
    else if ("layers" in saved) layers.copyFrom(saved.layers);
    else writeParameters(layers, saved);
    const progress = { epoch: 0, step: 0, steps: 0, ...saved?.progress };
    this.runtime = Object.freeze(engine.runtime);
    this.trainee = Object.freeze({
      get config() {
        return layers.config;
      },
      seeds: Object.freeze({ ...seeds }),
      layers,
      progress,
      metadata,
    });
    this.layers = handlesOf<Form["parameters"], Form["parametersInput"]>(
      {
        layers,
        checkReadable: () => this.#checkReadable(),
        checkIdle: (call) => this.#checkIdle(call),
      },
      layersOf(config),
    );
    Object.freeze(this);
    abandoned.register(this, layers, this);
  }

  /** The configuration with all defaults filled in. It follows {@link NetworkLayer.trainable}. */
  get config(): Form["config"] {
    return this.#layers.config;
  }

  /** Whether `value` was made by this class. @internal */
  static is(value: unknown): value is AnyNetwork {
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
   * Lets the event loop turn about every 50 ms, within a long step too: only one pass over all parameters, or over a batch's
   * outputs, is never divided. On the native engine steps are taken beside JavaScript, and it is held for no more than 2 ms. Reads x and y once, into a copy, before the first step (large ones in
   * several turns of the event loop, and they must not change until then): what changes later has no effect.
   * Raises ConfigError, ShapeError, DataError, ResourceError before the first step; NumericError at a step that would
   * not be finite (the network stays as the step before left it); StateError while another fit runs.
   */
  fit(x: Inputs, y: Labels, options: FitOptions): Promise<History>;
  /**
   * The same of data that are read batch by batch: a {@link Dataset}, which gives the bits of its rows as arrays, or a
   * {@link stream}. Raises ShapeError or DataError naming the batch, also in mid-training; steps before it stand.
   */
  fit(data: Dataset | Stream, options: FitOptions): Promise<History>;
  async fit(...args: FitArguments): Promise<History> {
    this.#checkIdle("fit");
    const { x, y, options } = readFitArguments(args);
    const settings = resolveFitOptions(options);
    this.#checkIdle("fit"); // A getter among the options may have begun another, or disposed of the network.
    return this.runFit(x, y, settings);
  }

  /**
   * {@link Network.fit}, one epoch at a time, to the same bits: `for await (const epoch of network.epochs(x, y, options))`.
   * An epoch begins when it is asked for, and between two of them the network can be used as in a callback. Leaving the loop,
   * also by an error, ends the fit as an abort would; {@link EpochRun.history} is then what fit would have resolved to. x and
   * y are read, and the network is busy, from the first epoch that is asked for. Raises as fit does: ConfigError and
   * StateError at the call, the others in the loop.
   */
  epochs(x: Inputs, y: Labels, options: FitOptions): EpochRun;
  epochs(data: Dataset | Stream, options: FitOptions): EpochRun;
  epochs(...args: FitArguments): EpochRun {
    this.#checkIdle("epochs");
    const { x, y, options } = readFitArguments(args);
    const settings = resolveFitOptions(options);
    return new EpochRun((gate) => {
      this.#checkIdle("epochs");
      return this.runFit(x, y, { ...settings, ...gate });
    }, settings);
  }

  /** @internal A new fit, or one that goes on from a state, with the data set that it was begun with. */
  async runFit(x: unknown, y: unknown, given: FitSettings, before?: UnfinishedFit): Promise<History> {
    this.#fitting = true;
    try {
      return await runEpochs(this.trainee, x, y, given, watchesOf(given, before), before?.state);
    } catch (error) {
      throw this.#explain(error);
    } finally {
      if (given.ownsOptimizer) given.optimizer.discard();
      this.#fitting = false;
    }
  }

  /**
   * One update on exactly these examples; returns the loss before it, the terms of L1 and L2 included.
   * Raises ConfigError, ShapeError, DataError, NumericError or StateError, and then nothing has changed.
   */
  trainStep(x: Inputs, y: Labels, options: StepOptions): number {
    this.#checkIdle("trainStep");
    const settings = resolveStepOptions(options);
    return this.#withBatch("trainStep", x, y, settings, (batch, rows, dropout) => {
      const { trainee } = this;
      const { optimizer, l1, l2, keepProb, clip } = settings;
      optimizer.attach(trainee.layers);
      const program = trainee.layers.program(
        purposeOf(dropout, batch.weights !== null),
        l2,
        keepProb,
        () => stepOperations(trainee, batch, settings, dropout),
        clip.norm,
        clip.value,
        l1,
      );
      const site = { trainee, batch, program, optimizer, clip };
      return takeStep(site, rows, trainee.progress);
    });
  }

  /**
   * The loss on these examples and its gradient by every parameter, trained or not. No update, and no dropout unless its
   * masks are given. Raises as {@link Network.trainStep} does.
   */
  gradients(
    x: Inputs,
    y: Labels,
    options: GradientOptions = {},
  ): { loss: number; gradients: Form["parameters"][] } {
    this.#checkIdle("gradients");
    const settings = resolveGradientOptions(options);
    const { l1, l2 } = settings;
    return this.#withBatch("gradients", x, y, settings, (batch, rows, dropout) => {
      try {
        const loss = lossAndGradients(this.trainee, batch, rows, { l1, l2, dropout, guarded: true });
        return {
          loss,
          gradients: readParameters(this.#layers, this.#layers.gradients) as Form["parameters"][],
        };
      } finally {
        this.#layers.clearUntrainedGradients();
      }
    });
  }

  /**
   * A_L for these examples, m × n_L: probabilities, or numbers where the output is linear. Raises ShapeError or DataError; NumericError where a logit isn't
   * finite, naming the first layer whose activations aren't.
   */
  predict(x: Inputs): Matrix {
    return this.#answers(x, true);
  }

  /**
   * The class of each of these examples: of a softmax its index, the first of those that are as likely; of sigmoid outputs
   * 0 or 1 for each unit, m × n_L row by row, 1 where p > `threshold`; of `hinge` 1 where z > 0. At the threshold 0.5 it is
   * what {@link Network.evaluate} counts. Raises ConfigError for a network that answers by numbers, and for a threshold where
   * there are no probabilities of 0 or 1; else as {@link Network.predict} does.
   */
  classify(x: Inputs, options: ClassifyOptions = {}): Uint32Array<ArrayBuffer> {
    this.#checkUsable();
    const { ofProbabilities, above } = classRule(this.config.loss, options);
    return classesOf(this.#answers(x, ofProbabilities).data, this.#layers.outputs, above);
  }

  /** A_L, or what its activation takes. */
  #answers(x: Inputs, activated: boolean): Matrix {
    this.#checkUsable();
    const layers = this.#layers;
    const inputs = atOnce(toInputs(x, this.config, layers.engine));
    const { m } = inputs;
    this.#checkUsable();
    let outputs: Floats | undefined;
    this.#inChunks(m, (batch, start, rows) => {
      loadInputs(layers, batch, inputs, start, rows);
      const found = forwardFinite(layers, batch, rows);
      if (activated) activateOutputs(layers, batch, rows);
      const answers = found.read();
      if (rows === m) outputs = answers;
      else {
        outputs ??= layers.newNumbers(m * layers.outputs);
        outputs.set(answers, start * layers.outputs);
      }
    });
    return new Matrix(outputs ?? layers.newNumbers(0), m, layers.outputs);
  }

  /**
   * What the network does on these examples: {@link ClassScores}, or {@link NumberScores} where its loss is of numbers.
   * Raises ShapeError or DataError; NumericError where a logit or the loss isn't finite, naming the layer.
   */
  evaluate<
    Label extends string,
    Asked extends readonly (Metric & (string | { readonly name?: Label }))[] | readonly [] = readonly [],
  >(x: Inputs, y: Labels, options?: EvaluateOptions<Asked>): Scores & MetricScores<Asked>;
  /**
   * The same of data that are read, batch by batch, to the bit of their rows as arrays. Of the data, targets and answers alone
   * stay in memory, and only where scores need them. Until it has ended, calls that change the network raise StateError; in a
   * callback of fit it must be awaited. Rejects with what {@link Network.fit} raises of such data, and with the signal's reason.
   */
  evaluate<
    Label extends string,
    Asked extends readonly (Metric & (string | { readonly name?: Label }))[] | readonly [] = readonly [],
  >(data: Dataset | Stream, options?: EvaluateDataOptions<Asked>): Promise<Scores & MetricScores<Asked>>;
  evaluate(...args: readonly unknown[]): unknown {
    const [x, y, options] = args;
    return isRead(x)
      ? this.#evaluateData(args)
      : this.#evaluateArrays(x, y, options as EvaluateOptions | undefined);
  }

  #evaluateArrays(x: unknown, y: unknown, options: EvaluateOptions | undefined): AnyScores {
    this.#checkUsable();
    const layers = this.#layers;
    const { metrics: asked, sampleWeight, classWeight } = readOptions("evaluate", "options", options);
    const [metrics, ofClasses] = [metricsOf(layers, asked), resolveClassWeight(classWeight)];
    const given = atOnce(toExamples(x, y, this.config, layers.engine, "borrowed", sampleWeight));
    const examples = atOnce(weighed(given, layers, ofClasses));
    this.#checkUsable(); // A getter among the data may have disposed of it.
    return this.#guarded(() => atOnce(evaluation(layers, examples, metrics)));
  }

  async #evaluateData(args: readonly unknown[]): Promise<AnyScores> {
    this.#checkUsable();
    const [{ steps }, isFitting] = [this, this.#fitting];
    const check = () => {
      this.#checkUsable();
      if (this.#fitting === isFitting && this.steps === steps) return;
      throw new StateError(
        "evaluate",
        "no step while its data are read (await it in fit's callbacks)",
        "one",
      );
    };
    this.#evaluating += 1;
    try {
      return await evaluateData(this.trainee, args, check);
    } catch (error) {
      throw this.#explain(error);
    } finally {
      this.#evaluating -= 1;
    }
  }

  /** Copies of W_l and b_l for l = 1 … L. */
  parameters(): Form["parameters"][] {
    this.#checkReadable();
    return readParameters(this.#layers, this.#layers.parameters) as Form["parameters"][];
  }

  /** Sets all W_l and b_l to copies of these. Raises ShapeError or DataError before anything changes. */
  setParameters(parameters: readonly Form["parametersInput"][]): void {
    this.#checkIdle("setParameters");
    const layers = this.#layers;
    const flat = flattenParameters(layers, parameters);
    this.#checkIdle("setParameters");
    layers.parameters.write(flat.parameters);
    layers.statistics.write(flat.statistics);
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
   * (of a linear output `predictions`; batch × n_L), in the network's dtype, and its metadata. Training's state is no part of it.
   */
  toOnnx(): Uint8Array<ArrayBuffer> {
    return encodeOnnx(this.config, this.parameters(), this.metadata);
  }

  /**
   * A network of its own that is as this one is, or while fit runs as its last whole step left it: parameters, running
   * statistics, configuration, metadata, and how far its training is, by which the random numbers of the next go. An
   * optimizer is no part of it. Raises ResourceError where there is no memory for it.
   */
  clone(): Network<Scores, Form> {
    this.#checkUsable();
    const { config, seeds, layers } = this.trainee;
    return this.#guarded(() => new Network<Scores, Form>(layers.engine, config, seeds, this.trainee));
  }

  /** A table of the layers: what each is, the shape of its output, its parameters; and their total. */
  summary(): string {
    return summaryOf(this.config);
  }

  /** Gives the memory back; a second call does nothing. Raises StateError while fit runs. */
  dispose(): void {
    if (this.#disposed) return;
    this.#checkNotBusy("dispose");
    this.#checkNotCalling();
    this.#disposed = true;
    abandoned.unregister(this);
    this.#layers.release();
  }

  /** As {@link Network.dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  get #layers(): Layers {
    return this.trainee.layers;
  }

  /** What a step that runs beside JavaScript has done is waited for, so that nobody sees half of it. */
  #checkNotDisposed(): void {
    if (this.#disposed) throw new StateError("network", "one that wasn't disposed of", "one that was");
    if (this.#fitting) this.#layers.settle();
  }

  #checkReadable(): void {
    this.#checkNotDisposed();
    if (this.#broken || !this.#layers.engine.readable) this.#layers.engine.checkUsable();
  }

  #checkUsable(): void {
    this.#checkNotDisposed();
    this.#checkNotCalling();
    this.#layers.engine.checkUsable();
  }

  /** Its loss's function runs in the middle of a step, whose memory another call would use. */
  #checkNotCalling(): void {
    if (!this.#layers.isCalling) return;
    throw new StateError("network", "no call of it from its own loss's function", "one");
  }

  #checkIdle(call: string): void {
    this.#checkUsable();
    this.#checkNotBusy(call);
  }

  #checkNotBusy(call: string): void {
    if (this.#fitting) throw new StateError(call, "no fit running on this network", "one that runs");
    if (this.#evaluating === 0) return;
    throw new StateError(call, "no evaluation waiting for data that are read", "one that waits");
  }

  /**
   * Runs `compute` on checked examples in the training memory, with the masks given or random ones. All that was
   * given is read before the state is looked at again: a getter in it may have begun a fit, or disposed.
   */
  #withBatch<Result>(
    call: string,
    x: Inputs,
    y: Labels,
    { keepProb, dropoutMasks, isTraining, sampleWeight, classWeight }: GradientSettings,
    compute: (batch: BatchMemory, rows: number, dropout: Dropout | undefined) => Result,
  ): Result {
    const layers = this.#layers;
    const masks = dropoutMasks === undefined ? undefined : readMasks(dropoutMasks, layers);
    const given = atOnce(toExamples(x, y, this.config, layers.engine, "borrowed", sampleWeight));
    const examples = atOnce(weighed(given, layers, classWeight));
    // A getter among the data may have called anything.
    this.#checkIdle(call);
    if (masks !== undefined) checkMasks(masks, layers, examples.m);
    checkBatch("x", layers, examples.m);
    return this.#guarded(() => {
      const batch = layers.trainingMemory(examples.m);
      const isDropped = isTraining || masks !== undefined;
      const dropout = isDropped ? dropoutOf(keepProb, masks, layers, batch) : undefined;
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

  #explain(error: unknown): unknown {
    const { engine } = this.#layers;
    const explained = engine.explain(error);
    this.#broken ||= engine.isFault(explained);
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

/** A network, whatever it answers by. */
export type AnyNetwork = Network<ClassScores | NumberScores, AnyForm>;

/** By which a program of a step is kept. */
function purposeOf(dropout: Dropout | undefined, isWeighted: boolean): string {
  const source = dropout?.source ?? "no dropout";
  return isWeighted ? WEIGHTED[source] : source;
}

const WEIGHTED = {
  "no dropout": "weighted, no dropout",
  random: "weighted, random",
  given: "weighted, given",
} as const;
