// Facts cross the seam by their names: both sides have the same, and what doesn't fit is refused before it crosses.
import { describe, expect, it } from "vitest";
import type { BenchmarkOperations } from "../../bench/engine.js";
import {
  ACTIVATIONS,
  type Activation,
  activationFacts,
  activationRow,
} from "../../ts/catalog/activations.js";
import { INITIALIZATIONS } from "../../ts/catalog/initializations.js";
import { LOSSES } from "../../ts/catalog/losses.js";
import { namesOf as namesIn, OPTIMIZERS, UPDATE_RULES } from "../../ts/catalog/optimizers.js";
import { SCHEDULE_NAMES } from "../../ts/catalog/schedules.js";
import { OPTION_NAMES } from "../../ts/config/option-names.js";
import type { Cells, Span } from "../../ts/engine/memory.js";
import type { Operation, Operations } from "../../ts/engine/operations.js";
import { type Kind, parseSchema } from "../../ts/engine/schema.js";
import { sharedInstance, threadedInstance } from "../../ts/engine/wasm/builds.js";
import type { Instance } from "../../ts/engine/wasm/instance.js";
import { WasmEngine } from "../../ts/engine/wasm/wasm-engine.js";
import * as layerwise from "../../ts/index.js";
import { createNetwork, InternalError } from "../../ts/index.js";

const instance = await sharedInstance("float32");
const engine = engineIn(instance);

function engineIn(of: Instance): WasmEngine {
  return new WasmEngine(of, {
    backend: "wasm",
    instructionSet: "simd128",
    threads: 1,
    simd: true,
    reason: "a test",
    backendReason: "a test",
    math: "exact",
    mathReason: "a test",
  });
}

/** The crate's names of a kind, in the order of their numbers, and those of their facts. */
function namesOf(kind: Kind): [name: string, facts: readonly string[]][] {
  const things = [...instance.schema.things].filter(([key]) => key.startsWith(`${kind} `));
  things.forEach(([, { number }], i) => {
    expect(number).toBe(i);
  });
  return things.map(([key, { facts }]) => [key.slice(kind.length + 1), facts]);
}

const sorted = (names: Iterable<string>) => [...names].sort();
const namesAlone = (kind: Kind) => sorted(namesOf(kind).map(([name]) => name));

/** `length` numbers of an engine, which are never given back. */
function numbers(length: number, of = engine): Span {
  return of.room("a test", { numbers: { type: "float32", length } }).spans.numbers;
}

function integers(length: number): Span<Uint32Array> {
  const { order } = engine.room("a test", { order: { type: "uint32", length } }).spans;
  return order as Span<Cells> as Span<Uint32Array>;
}

const [w, b, x, a, dz, workspace, order] = [
  numbers(6),
  numbers(2),
  numbers(3),
  numbers(2),
  numbers(2),
  numbers(64),
  integers(1),
];
const layer = { inputs: 3, outputs: 2, workspace };
const relu = activationFacts("relu");
const state = engine.room("a test", { state: { type: "float64", length: 5 } }).spans
  .state as Span<Float64Array>;
const answers = { z: a, targets: dz, outputs: 2 };

const masked = { mask: null, keepProb: 1, width: 2, ...relu };
const normal = { normal: a, width: 2 };

/** One of each: without an entry for every operation this doesn't compile. */
const EXAMPLES: Omit<Operations, keyof BenchmarkOperations> = {
  initialize: { w, inputs: 3, outputs: 2, initialization: "he", seed: 1, layer: 1 },
  shuffle: { order, m: 1, seed: 1, purpose: 1 },
  gather: { to: x, from: x, m: 1, width: 3, order },
  gatherBytes: { to: x, from: x, m: 1, width: 3, order, scale: 1 },
  scaling: { x, numbers: w, count: 0, softClip: 0, width: 3 },
  packInputs: { byExamples: w, byInputs: w, x, inputs: 3 },
  dropoutMask: { mask: a, width: 2, keepProb: 0.5, seed: 1, layer: 1 },
  denseForward: {
    ...layer,
    ...relu,
    a,
    x,
    packed: null,
    products: null,
    w,
    b,
    kept: null,
    mask: null,
    keepProb: 1,
    panel: 1,
  },
  loss: {
    ...answers,
    loss: "binaryCrossEntropy",
    parameters: { labelSmoothing: 0, positiveWeight: 1 },
    dz: null,
    weights: null,
  },
  penalty: { l1: 1, l2: 1, rest: [[w, 6]] },
  lossGuard: { limit: 1 },
  weightGradient: { ...layer, dw: w, db: b, dz, x, packed: null, w, panel: 1, l2: 0 },
  l1Gradient: { dw: w, w, len: 6, l1: 1 },
  inputGradient: { ...layer, ...relu, dx: x, dz, w, seen: x, mask: null, keepProb: 1 },
  elementwise: { y: a, x: b, kept: null, ...masked },
  elementwiseGradient: { dx: a, dy: b, seen: dz, ...masked },
  sum: { y: a, x: b, other: dz, width: 2 },
  batchStatistics: { mean: a, variance: b, x: dz, room: x, width: 2 },
  runningStatistics: { runningMean: a, runningVariance: b, mean: dz, variance: x, decay: 0.9, width: 2 },
  standardize: { ...normal, x: dz, mean: b, variance: b, epsilon: 1, room: w },
  standardizeRows: { ...normal, x: dz, deviation: b, epsilon: 1 },
  scaleAndShift: { ...normal, y: x, scale: b, shift: b },
  scaleAndShiftGradient: { ...normal, dScale: b, dShift: w, dy: x },
  batchNormGradient: {
    ...normal,
    ...{ dx: x, dy: dz, scale: b, variance: b, dScale: b, dShift: b, epsilon: 1, room: w },
  },
  layerNormGradient: { ...normal, dx: x, dy: dz, scale: b, deviation: b },
  accumulate: { sum: a, gradients: b, len: 2 },
  copy: { to: a, from: b, words: 2, atStart: 1 },
  average: { average: a, w: b, len: 2, count: state, decay: 0.5 },
  swap: { a, b, words: 2 },
  gradientBound: { layer: 0, dz, x, inputs: 3, outputs: 2 },
  gradientGuard: { limit: 1, gradients: w, rest: [[0, 6]] },
  clip: {
    value: 1,
    norm: 1,
    gradients: w,
    rest: [
      [2, 2],
      [1, 2],
    ],
  },
  update: {
    rule: "gradientDescent",
    w,
    g: w,
    len: 6,
    moments: null,
    momentCount: 0,
    stride: 6,
    state,
    first: 1,
    factor: 1,
    decay: 0.5,
    rest: [[w, 6]],
    schedule: "constant",
    scheduleParameters: { rate: 1 },
    pieces: [],
    hyperparameters: {},
  },
  maxNorm: { w, inputs: 3, outputs: 2, panel: 1, limit: 1 },
  outputActivation: { a, outputs: 2, activation: "sigmoid", parameter: 0 },
  correctUnits: answers,
  correctClasses: { ...answers, targets: order },
  correctDistributions: answers,
  rates: { a, outputs: 2 },
};

const examples = Object.entries(EXAMPLES).map(([op, facts]) => ({ op, ...facts })) as Operation[];

/** What binding raises for an operation that TypeScript would not let through. */
function refusal(operation: object): unknown {
  try {
    engine.program("float32", [operation as Operation]).release();
  } catch (error) {
    return error;
  }
  return undefined;
}

function expectRefused(operation: object, message: string): void {
  const error = refusal(operation);
  expect(error).toBeInstanceOf(InternalError);
  expect(String(error)).toContain(message);
  engine.checkUsable(); // It never reached the kernels.
}

describe("the crate's names are those of TypeScript's catalogue:", () => {
  it("activations", () => expect(namesAlone("activation")).toEqual(sorted(Object.keys(ACTIVATIONS))));
  it("what an activation keeps for its backward pass", () => {
    const keeps = namesOf("activation").map(([name, facts]) => [name, facts]);
    const rows = Object.keys(ACTIVATIONS) as Activation[];
    const expected = rows.map((name) => [name, [activationRow(name).keeps ?? []].flat()]);
    expect(Object.fromEntries(keeps)).toEqual(Object.fromEntries(expected));
  });
  it("losses", () => expect(namesAlone("loss")).toEqual(sorted(LOSSES)));
  it("initializations", () => expect(namesAlone("initialization")).toEqual(sorted(INITIALIZATIONS)));
  it("operations", () => expect(namesAlone("operation")).toEqual(sorted(Object.keys(EXAMPLES))));

  it("update rules, and their moments in the same order", () => {
    expect(namesAlone("optimizer")).toEqual(sorted(UPDATE_RULES));
    const moments = Object.fromEntries(namesOf("moments"));
    const rows = UPDATE_RULES.map((rule) => [rule, namesIn(OPTIMIZERS[rule].moments)]);
    expect(moments).toEqual(Object.fromEntries(rows));
  });

  it("hyperparameters, which are the options of each optimizer", async () => {
    // α is the schedule's, λ the update's.
    const options = namesOf("optimizer").map(([rule, facts]) => [
      rule,
      ["learningRate", ...facts, "weightDecay"],
    ]);
    expect(Object.fromEntries(UPDATE_RULES.map((rule) => [rule, OPTION_NAMES[rule]]))).toEqual(
      Object.fromEntries(options),
    );
    using network = await createNetwork({ layerDims: [1, 1], threads: 1 });
    const { layers } = network.trainee;
    for (const rule of UPDATE_RULES) {
      const optimizer = layerwise[rule]();
      optimizer.attach(layers);
      const [operation] = optimizer.operations(layers, undefined);
      expect(operation).toMatchObject({ op: "update", rule });
      if (operation?.op !== "update") continue;
      for (const name of OPTION_NAMES[rule]) expect(operation.hyperparameters[name]).toBeTypeOf("number");
    }
  });

  it("the report's words", () => {
    expect(instance.schema.report).toEqual([
      "loss",
      "sum",
      "correct",
      "layer",
      "magnitude",
      "rate",
      "losses",
    ]);
  });

  it("schedules, besides the constant", () => {
    expect(namesAlone("schedule")).toEqual(sorted(["constant", ...SCHEDULE_NAMES]));
  });

  it("in both builds of a number type, and of the other but for that type's name", async () => {
    expect((await threadedInstance("float32", 2)).schema).toEqual(instance.schema);
    const [{ schema: wide, dtypes }, both] = [
      await sharedInstance("float64"),
      await threadedInstance("float64", 2),
    ];
    expect(both.schema).toEqual(wide);
    expect([namesAlone("number"), instance.dtypes, dtypes]).toEqual([["float32"], ["float32"], ["float64"]]);
    const others = ({ things }: typeof wide) => [...things].filter(([key]) => !key.startsWith("number "));
    expect(others(wide)).toEqual(others(instance.schema));
  });

  it("and a program of the other number type is refused before it crosses", () => {
    const refused = () => engine.program("float64", []);
    expect(refused).toThrow(new InternalError("program", "numbers that the build has (float32)", "float64"));
  });
});

it("a schema's numbers count from 0 in each kind, and its words are in camel case", () => {
  const { report, things } = parseSchema("report a b_c\nloss x\nactivation y_z one_fact two\nloss z\n");
  expect(report).toEqual(["a", "bC"]);
  expect(Object.fromEntries(things)).toEqual({
    "loss x": { number: 0, facts: [] },
    "activation yZ": { number: 0, facts: ["oneFact", "two"] },
    "loss z": { number: 1, facts: [] },
  });
});

describe("every operation", () => {
  it.each(examples)("$op: all its facts are the crate's, by their names", (operation) => {
    expect(refusal(operation)).toBeUndefined();
  });

  const lists: readonly string[] = [
    "op",
    "rest",
    "scheduleParameters",
    "pieces",
    "hyperparameters",
    "parameters",
  ];
  it.each(examples)("$op: a fact that is missing is an InternalError", (operation) => {
    for (const name of Object.keys(operation).filter((fact) => !lists.includes(fact))) {
      const rest = Object.fromEntries(Object.entries(operation).filter(([fact]) => fact !== name));
      expectRefused(rest, `${operation.op}.${name}`);
    }
  });

  it.each(examples)("$op: a fact too many is an InternalError", (operation) => {
    expectRefused({ ...operation, unheardOf: 1 }, `${operation.op}.unheardOf`);
  });

  it.each(examples)("$op: what is neither number nor span nor name is an InternalError", (operation) => {
    for (const name of Object.keys(operation).filter((fact) => !lists.includes(fact)))
      for (const wrong of [true, {}, [1], "unheardOf", new Float32Array(1), undefined])
        expect(refusal({ ...operation, [name]: wrong })).toBeInstanceOf(InternalError);
  });
});

describe("a foreign", () => {
  it("span, of another instance, is an InternalError in every place", async () => {
    const foreign = numbers(9, engineIn(await threadedInstance("float32", 2)));
    for (const operation of examples)
      for (const [name, fact] of Object.entries(operation)) {
        if (fact instanceof w.constructor) expectRefused({ ...operation, [name]: foreign }, operation.op);
      }
    expectRefused({ ...EXAMPLES.penalty, op: "penalty", rest: [[foreign, 6]] }, "penalty.rest");
  });

  it.each([
    ["operation", { op: "unheardOf" }, "operation unheardOf"],
    [
      "activation",
      { ...EXAMPLES.outputActivation, op: "outputActivation", activation: "softsign" },
      "activation softsign",
    ],
    ["loss", { ...EXAMPLES.loss, op: "loss", loss: "unheardOf" }, "loss unheardOf"],
    [
      "initialization",
      { ...EXAMPLES.initialize, op: "initialize", initialization: "glorot" },
      "initialization glorot",
    ],
    ["rule", { ...EXAMPLES.update, op: "update", rule: "adadelta" }, "optimizer adadelta"],
  ])("%s is an InternalError that names it", (_, operation, named) => {
    expectRefused(operation, `a build with the ${named}`);
  });
});

describe("a list of facts", () => {
  const update = { op: "update", ...EXAMPLES.update };

  it("lacks no hyperparameter", () => {
    expectRefused({ ...update, rule: "momentum" }, "momentum.beta");
    expectRefused({ ...update, scheduleParameters: {} }, "constant.rate");
    expectRefused({ ...update, schedule: "cosine" }, "cosine.from");
    expectRefused({ ...update, pieces: ["1"] }, "update.pieces");
    expectRefused({ ...update, schedule: "linear" }, "a build with the schedule linear");
    expectRefused({ ...update, rule: "adam", hyperparameters: { beta1: 0 } }, "adam.beta2");
  });

  it("is there where an operation asks for it, and of spans and numbers alone", () => {
    expectRefused({ op: "penalty", l1: 0, l2: 1, rest: [["W", 6]] }, "penalty.rest");
    expectRefused(
      { op: "gradientGuard", limit: 1, gradients: w, rest: [[0, undefined]] },
      "gradientGuard.rest",
    );
  });
});

it("programs that are refused keep no memory", () => {
  const { memoryBytes } = instance;
  // A program with its report takes 2 KB or more.
  for (let i = 0; i < 50_000; i++) expect(refusal({ op: "unheardOf" })).toBeInstanceOf(InternalError);
  expect(instance.memoryBytes).toBe(memoryBytes);
});
