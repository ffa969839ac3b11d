// A program's steps are the same however they are run: one by one, many in a call, or in portions.
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { toExamples } from "../../ts/data/examples.js";
import { MOST_STEPS, type Program } from "../../ts/engine/engine.js";
import {
  adam,
  createNetwork,
  type Dtype,
  gradientDescent,
  Matrix,
  momentum,
  type Network,
  NumericError,
  type Optimizer,
} from "../../ts/index.js";
import { dropoutOf } from "../../ts/model/dropout.js";
import { atOnce } from "../../ts/platform/breath.js";
import { type BatchSource, openBatchSource } from "../../ts/training/batch-source.js";
import { NO_CLIP } from "../../ts/training/clip.js";
import {
  bindSteps,
  isLong,
  type StepSite,
  takeLongStep,
  takeStep,
  takeSteps,
} from "../../ts/training/step.js";
import { hashOf } from "../closeness.js";
import { made } from "../made.js";
import { Random } from "../random-cases.js";

interface Setting {
  readonly layerDims: readonly number[];
  readonly m: number;
  readonly size: number;
  readonly dtype: Dtype;
  readonly threads: number;
  readonly l2: number;
  readonly keepProb: number;
  readonly optimizer: () => Optimizer;
  /** Two examples all of whose inputs are this, with other answers: one of them is wrong, and by much. */
  readonly spoiled?: { readonly examples: readonly [number, number]; readonly scale: number };
}

const RULES = { gradientDescent: () => gradientDescent({ learningRate: 0.1 }), momentum, adam };

interface Training {
  readonly network: Network;
  readonly site: StepSite;
  readonly program: Program;
  readonly source: BatchSource;
  /** Parameters, moments, state and counts, to the bit. */
  fate(): object;
}

/** A network before its first step, and its steps as fit binds them; all of one setting are alike. */
async function training({ layerDims, m, size, dtype, threads, ...rest }: Setting): Promise<Training> {
  const network = made(await createNetwork({ layerDims, dtype, threads, seed: 5 }));
  expect(network.runtime.threads).toBe(threads);
  const { trainee } = network;
  const { layers, config } = trainee;
  const { l2, keepProb, spoiled } = rest;
  const random = new Random(3);
  const x = Matrix.from(random.rows(m, layerDims[0] ?? 0));
  const y = Array.from({ length: m }, () => random.below(2));
  for (const [answer, example] of spoiled?.examples.entries() ?? []) {
    x.data.fill(spoiled?.scale ?? 1, example * x.cols, (example + 1) * x.cols);
    y[example] = answer;
  }
  const optimizer = rest.optimizer();
  optimizer.attach(layers);
  const batch = layers.trainingMemory(size);
  const examples = atOnce(toExamples(x, y, config, layers.engine));
  const dropout = dropoutOf(keepProb, undefined, layers, batch);
  const source = atOnce(openBatchSource(layers, batch, examples, { size, seed: 9 }));
  const settings = { optimizer, l1: 0, l2, keepProb, clip: NO_CLIP };
  const site = bindSteps(trainee, batch, settings, dropout, source.operations, { size, m });
  source.begin(1);
  const fate = () => ({
    parameters: createHash("sha256").update(layers.parameters.read()).digest("hex"),
    moments: optimizer.moments.map((moment) => createHash("sha256").update(moment.read()).digest("hex")),
    state: optimizer.state,
    progress: { ...trainee.progress },
  });
  return { network, site, program: site.program, source, fate };
}

/** The losses of an epoch's steps one by one, up to one that is ended. */
function oneByOne({ program }: Training, { m, size }: Setting, epoch = 1): number[] {
  const losses: number[] = [];
  for (let step = 0; step * size < m; step++) {
    if (!program.run(Math.min(size, m - step * size), epoch, step)) break;
    losses.push(program.loss);
  }
  return losses;
}

const FORMS = (["float32", "float64"] as const).flatMap((dtype) =>
  [1, 2, 3].flatMap((threads) => [
    // W_1 in panels; every product is cut for several threads; the last batch is smaller.
    { dtype, threads, layerDims: [300, 256, 130, 1], m: 150, size: 64 },
    { dtype, threads, layerDims: [3, 5, 4, 1], m: 23, size: 5 },
    { dtype, threads, layerDims: [2, 1], m: 7, size: 1 },
  ]),
);
const REGULARIZATIONS = [
  { l2: 0, keepProb: 1 },
  { l2: 0.3, keepProb: 0.8 },
];

describe.each(FORMS)("steps of $layerDims in $dtype on $threads thread(s)", (form) => {
  it.each(REGULARIZATIONS)(
    "λ $l2, keep $keepProb: many in a call are those one by one",
    async (regularization) => {
      for (const optimizer of Object.values(RULES)) {
        const setting = { ...form, ...regularization, optimizer };
        const [one, many] = [await training(setting), await training(setting)];
        const steps = Math.ceil(setting.m / setting.size);
        for (const epoch of [1, 2]) {
          for (const { source } of [one, many]) source.begin(epoch);
          const losses = oneByOne(one, setting, epoch);
          expect(losses).toHaveLength(steps);
          expect(many.program.runSteps(2, epoch, 0)).toBe(2);
          const first = Array.from(many.program.losses(2));
          // The epoch's end comes before all of these.
          expect(many.program.runSteps(steps + 3, epoch, 2)).toBe(steps - 2);
          expect([...first, ...many.program.losses(steps - 2)]).toEqual(losses);
          expect(many.program.loss).toBe(losses.at(-1));
          expect(many.program.runSteps(1, epoch, steps)).toBe(0);
        }
        expect(many.fate()).toEqual(one.fate());
      }
    },
  );
});

it(`a call takes ${MOST_STEPS} steps at most`, async () => {
  const setting: Setting = {
    ...{ layerDims: [1, 1], m: 600, size: 2, dtype: "float64", threads: 1 },
    ...{ l2: 0, keepProb: 1, optimizer: adam },
  };
  const [one, many] = [await training(setting), await training(setting)];
  const losses = oneByOne(one, setting);
  expect(many.program.runSteps(1000, 1, 0)).toBe(MOST_STEPS);
  const first = Array.from(many.program.losses(MOST_STEPS));
  expect(many.program.runSteps(1000, 1, MOST_STEPS)).toBe(300 - MOST_STEPS);
  expect([...first, ...many.program.losses(300 - MOST_STEPS)]).toEqual(losses);
  expect(many.fate()).toEqual(one.fate());
});

describe.each(["float32", "float64"] as const)("portions in %s", (dtype) => {
  it.each([
    { what: "W_1 in panels", layerDims: [784, 608, 400, 1], threads: 1 },
    { what: "W_1 by rows", layerDims: [700, 651, 400, 1], threads: 1 },
    { what: "W_1 in panels", layerDims: [784, 608, 400, 1], threads: 2 },
    { what: "W_1 by rows", layerDims: [700, 651, 400, 1], threads: 3 },
  ])(
    "$what, $threads thread(s): a step in portions is the step at once, to the bit",
    async ({ layerDims, threads }) => {
      for (const regularization of REGULARIZATIONS) {
        const setting = {
          dtype,
          threads,
          layerDims,
          m: 1201,
          size: 1200,
          ...regularization,
          optimizer: adam,
        };
        const [one, cut] = [await training(setting), await training(setting)];
        expect(isLong(one.network.trainee.layers, setting.size)).toBe(true);
        const example = new Matrix(new Float32Array(layerDims[0] ?? 0).fill(0.5), 1, layerDims[0] ?? 0);
        for (const [step, rows] of [1200, 1].entries()) {
          const place = { epoch: 1, step };
          const before = cut.network.predict(example);
          const loss = takeStep(one.site, rows, place);
          const portions = takeLongStep(cut.site, rows, place);
          let count = 1;
          let next = portions.next();
          for (; next.done !== true; next = portions.next()) {
            count++;
            // What others compute meanwhile, on the same threads, changes nothing.
            if (count % 4 === 0) expect(cut.network.predict(example)).toEqual(before);
          }
          expect(next.value).toBe(loss);
          // Two gatherings, masks, three passes forward, the loss, three backward, and what guards and updates.
          const operations = 2 + (regularization.keepProb < 1 ? 2 : 0) + 3 + 1 + 1 + 5 + 1 + 1;
          const others = regularization.l2 === 0 ? 3 : 1;
          // Of 1200 examples the large products are cut.
          if (rows === 1) expect(count).toBe(operations + others);
          else expect(count).toBeGreaterThanOrEqual(operations + others + 2 + 2 + 1 + 1);
        }
        expect(cut.fate()).toEqual(one.fate());
        expect(cut.network.steps).toBe(2);
      }
    },
  );
});

describe("a program that a guard ends", () => {
  const form = {
    layerDims: [4, 6, 1],
    m: 40,
    size: 6,
    l2: 0,
    keepProb: 0.9,
    optimizer: adam,
    threads: 1,
  } as const;
  const faults = [
    { what: "a loss that is NaN", dtype: "float32", scale: 3e38, message: /layer 1.*expected a finite loss/ },
    {
      what: "a gradient that is too large",
      dtype: "float32",
      scale: 1e25,
      message: /expected gradients up to/,
    },
    {
      what: "a loss that is NaN",
      dtype: "float64",
      scale: 1e308,
      message: /layer 1.*expected a finite loss/,
    },
    {
      what: "a gradient that is too large",
      dtype: "float64",
      scale: 1e200,
      message: /expected gradients up to/,
    },
  ] as const;

  it.each(faults)("by $what in $dtype changes nothing and says how many steps were whole", async (fault) => {
    const { dtype, scale } = fault;
    const setting: Setting = { ...form, dtype, spoiled: { examples: [11, 30], scale } };
    const [one, many, taken, cut] = [
      await training(setting),
      await training(setting),
      await training(setting),
      await training(setting),
    ];
    const losses = oneByOne(one, setting);
    const whole = losses.length;
    expect(whole).toBeGreaterThan(0);
    expect(whole).toBeLessThan(6);
    expect(many.program.runSteps(7, 1, 0)).toBe(whole);
    expect(Array.from(many.program.losses(whole))).toEqual(losses);
    const report = ({ loss, sum, layer, magnitude }: Program) => ({ loss, sum, layer, magnitude });
    expect(report(many.program)).toEqual(report(one.program));
    expect(many.fate()).toEqual(one.fate());

    // The same again changes nothing either, nor does it in portions.
    const fate = one.fate();
    expect(one.program.run(6, 1, whole)).toBe(false);
    expect(one.program.runSteps(3, 1, whole)).toBe(0);
    const portions = one.program.portions(6, 1, whole);
    let next = portions.next();
    while (next.done !== true) next = portions.next();
    expect(next.value).toBe(false);
    expect(one.fate()).toEqual(fate);

    // As errors: the steps before it are taken and counted, and it is named.
    for (const [training, take] of [
      [taken, () => takeSteps(taken.site, 6, { epoch: 1, step: 0 }, 6)],
      [
        cut,
        () => {
          for (let step = 0; step < 6; step++) atOnce(takeLongStep(cut.site, 6, { epoch: 1, step }));
        },
      ],
    ] as const) {
      expect(take).toThrow(NumericError);
      expect(training.fate()).toEqual({ ...fate, progress: { epoch: 1, step: whole, steps: whole } });
      const again = () => takeStep(training.site, 6, { epoch: 1, step: whole });
      expect(again).toThrow(fault.message);
      expect(again).toThrow(`step ${whole + 1}`);
    }
  });

  it("ends a fit alike, whether its steps are watched or many go in a call", async () => {
    const random = new Random(3);
    const rows = random.rows(400, 4);
    const y = rows.map(() => random.below(2));
    const outcomes = [];
    for (const onStep of [undefined, () => undefined]) {
      const network = made(await createNetwork({ layerDims: [4, 6, 1], seed: 2, threads: 1 }));
      const options = { batchSize: 3, keepProb: 0.9, l2: 0.1, ...(onStep === undefined ? {} : { onStep }) };
      const history = await network.fit(rows, y, { ...options, epochs: 3 });
      const spoiled = rows.map((row, i) => (i === 123 ? row.map(() => 3e38) : row));
      const error = await network.fit(spoiled, y, { ...options, epochs: 1 }).catch((reason) => reason);
      expect(error).toBeInstanceOf(NumericError);
      outcomes.push([history, String(error), network.steps, hashOf(network.parameters())]);
    }
    expect(outcomes[1]).toEqual(outcomes[0]);
  });
});

it("a report has the last batch's words, and nothing of the run before", async () => {
  const setting: Setting = {
    ...{ layerDims: [3, 2], m: 9, size: 4, dtype: "float64", threads: 1 },
    ...{ l2: 0, keepProb: 1, optimizer: adam },
  };
  const { network } = await training({ ...setting, layerDims: [3, 1] });
  const { engine } = network.trainee.layers;
  const { z, y } = engine.room("a test", {
    z: { type: "float64", length: 4 },
    y: { type: "float64", length: 4 },
  }).spans;
  z.write(Float64Array.of(5, -5, 700, 0));
  y.write(Float64Array.of(1, 0, 0, 0));
  const facts = { z, targets: y, outputs: 2 };
  const program = engine.program("float64", [
    {
      op: "loss",
      loss: "binaryCrossEntropy",
      parameters: { labelSmoothing: 0, positiveWeight: 1 },
      dz: null,
      weights: null,
      ...facts,
    },
    { op: "lossGuard", limit: 300 },
    { op: "correctUnits", ...facts },
  ]);
  expect([program.loss, program.sum, program.correct, program.layer, program.magnitude]).toEqual([
    0, 0, 0, 0, 0,
  ]);
  expect(program.run(1, 0, 0)).toBe(true);
  expect(program.sum).toBeCloseTo(2 * Math.log1p(Math.exp(-5)), 12);
  expect([program.loss, program.correct]).toEqual([program.sum, 2]);
  // The guard ends it before anything is counted.
  expect(program.run(2, 0, 0)).toBe(false);
  expect(program.loss).toBe(program.sum / 2);
  expect([program.sum > 700, program.correct]).toEqual([true, 2]);
  expect(program.run(1, 0, 0)).toBe(true);
  program.release();
  program.release();
});
