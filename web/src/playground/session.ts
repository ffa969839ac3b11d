import { lossRow } from "../../../ts/catalog/losses.js";
import {
  createNetwork,
  dense,
  dropout,
  type EpochReport,
  type EpochRun,
  fitScaling,
  type GradientCheck,
  gradientCheck,
  Matrix,
  type Optimizer,
} from "../../../ts/index.js";
import { toOptimizer } from "../../../ts/training/make-optimizer.js";
import { fingerprint } from "../fingerprint.js";
import type { DataSet, Examples } from "./data-set.js";
import { lossData } from "./losses.js";
import { learningRateOf, optimizerParameters } from "./parameters.js";
import { ASKED, type Scores, toScores } from "./scores.js";
import type { Settings } from "./settings.js";

/** The gradient check takes two passes a parameter; this many examples are enough for it. */
const CHECKED_EXAMPLES = 24;

/** An epoch, and the loss on the validation examples after it. */
export interface Best {
  readonly epoch: number;
  readonly loss: number;
}

/** Why a training ended by itself. */
export type Ending = "epochs" | "earlyStopping";

type PlaygroundNetwork = Awaited<ReturnType<typeof networkOf>>;

/** One network in training: what it becomes follows from the settings and the number of epochs alone. */
export class Session {
  readonly network: PlaygroundNetwork;
  readonly #settings: Settings;
  readonly #data: DataSet;
  readonly #optimizer: Optimizer;
  /** The training of `settings.epochs` epochs that is under way; after its end another may follow. */
  #run: EpochRun | undefined;
  #epoch = 0;
  /** Epochs before this run. */
  #before = 0;
  #last: EpochReport | undefined;
  /** The best epoch of this run. */
  #best: Best | undefined;
  #ending: Ending | undefined;

  private constructor(network: PlaygroundNetwork, settings: Settings, data: DataSet) {
    this.network = network;
    this.#settings = settings;
    this.#data = data;
    this.#optimizer = optimizerOf(settings);
  }

  static async open(settings: Settings, data: DataSet): Promise<Session> {
    return new Session(await networkOf(settings, data), settings, data);
  }

  /** Epochs trained. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Set where the last call of train came to the training's own end. */
  get ending(): Ending | undefined {
    return this.#ending;
  }

  /** Of the training under way or just ended, where there are validation examples. */
  get best(): Best | undefined {
    return this.#best;
  }

  /** After the last epoch; undefined without validation examples. */
  get validationLoss(): number | undefined {
    return this.#last?.validation?.loss;
  }

  /** Of the last step; undefined before the first. */
  get learningRate(): number | undefined {
    return this.#last?.learningRate;
  }

  /** Whether the best epoch's weights are brought back in the end. */
  get restoresBest(): boolean {
    return this.#settings.patience > 0 && this.#data.validation.labels.length > 0;
  }

  /** Trains this many epochs more, or up to where the training ends by itself. */
  async train(epochs: number): Promise<void> {
    this.#ending = undefined;
    for (let i = 0; i < epochs && this.#ending === undefined; i++) await this.#trainEpoch();
  }

  async #trainEpoch(): Promise<void> {
    const run = this.#run ?? this.#begin();
    try {
      const { value: report } = await run.next();
      if (report === undefined) throw new Error("training: expected an epoch, got its end");
      this.#epoch = this.#before + report.epoch;
      this.#last = report;
      const loss = report.validation?.loss ?? Number.NaN;
      if (loss < (this.#best?.loss ?? Number.POSITIVE_INFINITY)) this.#best = { epoch: this.#epoch, loss };
      if (report.epoch === this.#settings.epochs || this.#isPatienceOver) await this.#end(run);
    } catch (error) {
      this.#run = undefined;
      throw error;
    }
  }

  #begin(): EpochRun {
    const { batchSize, l2, epochs, patience } = this.#settings;
    const { train, validation } = this.#data;
    this.#before = this.#epoch;
    this.#best = undefined;
    this.#run = this.network.epochs(this.#inputs(train), train.labels, {
      epochs,
      batchSize: batchSize > 0 ? batchSize : train.labels.length,
      optimizer: this.#optimizer,
      l2,
      ...(validation.labels.length > 0 && {
        validation: { x: this.#inputs(validation), y: validation.labels },
      }),
      ...(this.restoresBest && { earlyStopping: { patience } }),
      warnings: false, // whoever plays with settings chooses odd ones on purpose
    });
    return this.#run;
  }

  /** Whether the next epoch won't begin. */
  get #isPatienceOver(): boolean {
    const waited = this.#epoch - (this.#best?.epoch ?? this.#before);
    return this.restoresBest && waited >= this.#settings.patience;
  }

  /** What is asked for after the last epoch is the end, at which the best weights come back. */
  async #end(run: EpochRun): Promise<void> {
    const { done } = await run.next();
    if (!done) throw new Error("training: expected its end, got an epoch");
    this.#run = undefined;
    this.#ending = run.history?.stoppedBy === "earlyStopping" ? "earlyStopping" : "epochs";
  }

  scoreTrain(): Scores {
    return this.#score(this.#data.train);
  }

  /** Undefined where there are no test examples. */
  scoreTest(): Scores | undefined {
    const { test } = this.#data;
    return test.labels.length === 0 ? undefined : this.#score(test);
  }

  #score(examples: Examples): Scores {
    const { task } = this.#data;
    const metrics = ASKED[task];
    return toScores(task, this.network.evaluate(this.#inputs(examples), examples.labels, { metrics }));
  }

  /** The network's answers at these points: one probability or number per point, or one per class. */
  answersAt(points: Matrix): Float32Array {
    const answers = Float32Array.from(this.network.predict(points).data);
    const isMargin = this.#data.task === "classes" && lossRow(this.network.config.loss).of === "linear";
    return isMargin ? answers.map((z) => Math.min(1, Math.max(0, (1 + z) / 2))) : answers;
  }

  /** The network's answers for all examples of a data set of numbers. */
  answersFor(examples: Examples): Float32Array {
    const { labels } = examples;
    return labels.length === 0 ? new Float32Array(0) : this.answersAt(this.#inputs(examples));
  }

  checkGradients(): GradientCheck & { readonly examples: number } {
    const { inputs, train } = this.#data;
    const examples = Math.min(train.labels.length, CHECKED_EXAMPLES);
    const some = new Matrix(train.x.subarray(0, inputs * examples), examples, inputs);
    const { l2 } = this.#settings;
    return { ...gradientCheck(this.network, some, train.labels.subarray(0, examples), { l2 }), examples };
  }

  fingerprint(): Promise<string | undefined> {
    return fingerprint(this.network.parameters());
  }

  async dispose(): Promise<void> {
    await this.#run?.return();
    this.network.dispose();
  }

  #inputs({ x, labels }: Examples): Matrix {
    return new Matrix(x, labels.length, this.#data.inputs);
  }
}

/** Columns of real data have scales of their own, which the network's first layer evens out. */
function networkOf(settings: Settings, data: DataSet) {
  const { hiddenLayers, hiddenActivation: activation, initialization, keepProb, seed } = settings;
  const loss = lossData(settings, data);
  const output = lossRow(loss).of;
  const { inputs, train } = data;
  return createNetwork({
    inputs,
    layers: [
      ...(data.view === "map"
        ? [fitScaling("standard", new Matrix(train.x, train.labels.length, inputs), { warnings: false })]
        : []),
      ...hiddenLayers.flatMap((units) => [
        dense(units, { activation, initialization }),
        ...(keepProb < 1 ? [dropout({ keepProb })] : []),
      ]),
      dense(output === "softmax" ? data.classes : 1, { activation: output, initialization }),
    ],
    loss,
    seed,
  });
}

function optimizerOf({ optimizer, schedule, learningRate, parameters }: Settings): Optimizer {
  const options = optimizerParameters(optimizer).map(({ name, option, kind }) => {
    const value = parameters[name];
    return [option, kind === "switch" ? value === 1 : value];
  });
  return toOptimizer("optimizer", {
    type: optimizer,
    learningRate: learningRateOf(schedule, learningRate, parameters),
    ...Object.fromEntries(options),
  });
}
