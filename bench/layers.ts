// What layers and losses add to a step, here and in PyTorch.
import {
  activation,
  adam,
  batchNorm,
  createNetwork,
  dense,
  dropout,
  type EngineName,
  type Layer,
  layerNorm,
  Matrix,
  type Optimizer,
} from "layerwise";
import { type Examples, makeExamples } from "./examples.js";
import { type Measurement, measurementOf, round } from "./measurement.js";
import type { PeerProcess } from "./peers/peer-process.js";
import { rateOf } from "./rate.js";
import { type Case, type Pace, type Race, type Rates, repetitionsFor } from "./rounds.js";
import { BY_FIT, ON_NATIVE } from "./training.js";
import { ADAM, flopsPerExample, stepsPerPass, type Work } from "./works.js";

/** What is looked at: each is in the step, beside a step without it. */
const ADDED = ["batchNorm", "layerNorm", "dropout", "gelu", "categoricalCrossEntropy"] as const;

/** The same step with relu behind each hidden layer, and with the loss that costs least. */
const WITHOUT = "relu, meanSquaredError";

type Added = (typeof ADDED)[number];
type Variant = Added | typeof WITHOUT;

export const LAYERS_VARIANTS: readonly Variant[] = [WITHOUT, ...ADDED];

/** The work of this suite. */
export const LAYERS_WORK: Work = {
  name: "layers",
  layerDims: [784, 512, 512, 10],
  batchSize: 128,
  examples: 2048,
  optimizer: "adam",
  learningRate: 1e-4,
};

/** As measurements name it. */
export function layersName(variant: Variant): string {
  return variant === WITHOUT ? WITHOUT : `with ${variant}`;
}

const hidden: Record<Variant, (units: number) => readonly Layer[]> = {
  [WITHOUT]: (units) => [dense(units, { activation: "relu" })],
  batchNorm: (units) => [dense(units), batchNorm(), activation("relu")],
  layerNorm: (units) => [dense(units), layerNorm(), activation("relu")],
  dropout: (units) => [dense(units, { activation: "relu" }), dropout({ keepProb: 0.8 })],
  gelu: (units) => [dense(units, { activation: "gelu" })],
  categoricalCrossEntropy: (units) => [dense(units, { activation: "relu" })],
};

const ENGINES: readonly (readonly [backend: string, engine: EngineName])[] = [
  [BY_FIT, "wasm"],
  [ON_NATIVE, "native"],
];

/** How a step with each takes, in turn with all others, on each engine that is there, and in PyTorch where `peer` is it. */
export async function layersRace(peer: PeerProcess | undefined, pace: Pace, threads: number): Promise<Race> {
  const data = ofTenClasses(makeExamples(LAYERS_WORK, "float32"));
  const contestants: LayersContestant[] = [];
  const cases: Case[] = [];
  const engines = (await isNativeHere()) ? ENGINES : ENGINES.slice(0, 1);
  for (const variant of LAYERS_VARIANTS) {
    for (const [backend, engine] of engines) {
      const contestant = await LayersContestant.create(variant, data, threads, engine);
      contestants.push(contestant);
      cases.push(await sliceOf(`${backend} ${variant}`, pace, (passes) => contestant.fit(passes)));
    }
    if (peer === undefined) continue;
    const { layerDims, examples, batchSize, optimizer, learningRate } = LAYERS_WORK;
    const sizes = { layerDims, examples, batchSize, optimizer, learningRate, ...ADAM, variant };
    const [x, y] = [Float32Array.from(data.x.data), Float32Array.from(data.y.data)];
    await peer.prepare(variant, { ...sizes, x, y, weights: [], biases: [] });
    const steps = stepsPerPass(LAYERS_WORK);
    const train = (passes: number) => peer.train(variant, passes * steps);
    cases.push(await sliceOf(`${peer.backend} ${variant}`, pace, train));
  }
  return {
    cases,
    finish: (rates) => {
      for (const contestant of contestants) contestant.dispose();
      const ours = engines.flatMap(([backend]) => measure(rates, backend, threads));
      return peer === undefined
        ? ours
        : [...ours, ...measure(rates, peer.backend, threads, peer.hello.version)];
    },
  };
}

async function isNativeHere(): Promise<boolean> {
  const network = await createNetwork({ layerDims: [1, 1], threads: 1, engine: "auto" });
  const { backend } = network.runtime;
  network.dispose();
  return backend === "native";
}

/** Each label becomes one of five classes, as a row with a single 1, which both losses take. */
function ofTenClasses({ x, y }: Examples): Examples {
  const classes = LAYERS_WORK.layerDims.at(-1) ?? 1;
  const rows = new Float32Array(y.rows * classes);
  for (let i = 0; i < y.rows; i++)
    rows[i * classes + ((y.data[i] ?? 0) * classes) / 2 + (i % (classes / 2))] = 1;
  return { x, y: new Matrix(rows, y.rows, classes) };
}

function measure(rates: Rates, backend: string, threads: number, version?: string): Measurement[] {
  const of = (variant: Variant) => rates.get(`${backend} ${variant}`) ?? [];
  return LAYERS_VARIANTS.map((variant) => {
    const subject = {
      suite: "layers",
      work: layersName(variant),
      backend,
      threads,
      dtype: "float32",
    } as const;
    const added = rateOf(microsecondsAdded(of(variant), of(WITHOUT)));
    return {
      ...measurementOf(subject, { rates: of(variant), flops: flopsPerExample(LAYERS_WORK) }),
      ...(variant !== WITHOUT && {
        adds_us: { median: round(added.median), range: [round(added.lowest), round(added.highest)] as const },
      }),
      ...(version !== undefined && { version }),
    };
  });
}

/** Microseconds that a step takes more, round by round. */
function microsecondsAdded(withIt: readonly number[], without: readonly number[]): number[] {
  const perStep = 1e6 * LAYERS_WORK.batchSize;
  return withIt.map((rate, i) => perStep / rate - perStep / (without[i] ?? Number.NaN));
}

async function sliceOf(name: string, pace: Pace, train: (passes: number) => unknown): Promise<Case> {
  const { times } = await repetitionsFor(pace.slice, train);
  const passes = Math.max(times, pace.passes);
  return { name, kind: "slice", run: () => train(passes), units: passes * LAYERS_WORK.examples };
}

/** Layerwise at work on one variant, through its public API alone. */
class LayersContestant {
  readonly #network: Awaited<ReturnType<typeof networkOf>>;
  readonly #optimizer: Optimizer;
  readonly #data: Examples;

  static async create(
    variant: Variant,
    data: Examples,
    threads: number,
    engine: EngineName,
  ): Promise<LayersContestant> {
    const network = await networkOf(variant, threads, engine);
    return new LayersContestant(network, data);
  }

  private constructor(network: Awaited<ReturnType<typeof networkOf>>, data: Examples) {
    this.#network = network;
    this.#data = data;
    this.#optimizer = adam({ learningRate: LAYERS_WORK.learningRate, ...ADAM });
  }

  async fit(passes: number): Promise<void> {
    const { x, y } = this.#data;
    const { batchSize } = LAYERS_WORK;
    await this.#network.fit(x, y, { epochs: passes, batchSize, optimizer: this.#optimizer, warnings: false });
  }

  dispose(): void {
    this.#network.dispose();
  }
}

async function networkOf(variant: Variant, threads: number, engine: EngineName) {
  const [inputs = 0, ...units] = LAYERS_WORK.layerDims;
  const outputs = units.pop() ?? 1;
  const isOfClasses = variant === "categoricalCrossEntropy";
  const last = dense(outputs, { activation: isOfClasses ? "softmax" : "linear" });
  const layers = [...units.flatMap(hidden[variant]), last];
  const loss = isOfClasses ? "categoricalCrossEntropy" : "meanSquaredError";
  return createNetwork({ inputs, layers, loss, seed: 1, threads, engine });
}
