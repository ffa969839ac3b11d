import { describe, expect, test } from "vitest";
import { HIDDEN_ACTIVATIONS } from "../../ts/catalog/activations.js";
import { LOSS_ROWS } from "../../ts/catalog/losses.js";
import { hyperparametersOf, UPDATE_RULES } from "../../ts/catalog/optimizers.js";
import { SCHEDULE_NAMES, scheduleParameters } from "../../ts/catalog/schedules.js";
import { californiaBytes } from "../../web/build/california.js";
import { BLOCK_COLUMNS, BLOCKS } from "../../web/src/playground/blocks.js";
import { makeDataSet } from "../../web/src/playground/data-set.js";
import { fittingLosses } from "../../web/src/playground/losses.js";
import { Session } from "../../web/src/playground/session.js";
import { readSettings } from "../../web/src/playground/settings.js";

const blocks = new Float32Array(californiaBytes().buffer as ArrayBuffer);

function read(link: string) {
  const parameters = new URLSearchParams(`${link}&examples=60&hiddenLayers=4&epochs=6`);
  return readSettings((name) => parameters.get(name));
}

async function sessionOf(link: string): Promise<Session> {
  const { settings, problems } = read(link);
  expect(problems).toEqual([]);
  return Session.open(settings, makeDataSet(settings, [], blocks));
}

async function trained(link: string, epochs = 6): Promise<Session> {
  const session = await sessionOf(link);
  await session.train(epochs);
  return session;
}

describe("whatever the core's tables list can be trained on the page, and has its fields", () => {
  test.each(UPDATE_RULES)("optimizer %s", async (rule) => {
    const { settings } = read(`optimizer=${rule}`);
    const keys = hyperparametersOf(rule).map(({ key }) => key);
    const fields = Object.keys(settings.parameters).filter((name) => !name.startsWith("loss-"));
    expect(["learningRate", ...fields]).toEqual(keys);
    expect((await trained(`optimizer=${rule}`)).network.steps).toBe(12);
  });

  test.each(SCHEDULE_NAMES)("schedule %s", async (schedule) => {
    const { settings } = read(`schedule=${schedule}`);
    const rows = scheduleParameters(schedule).filter((row) => row.is !== "rate" || row.default !== undefined);
    const names = Object.keys(settings.parameters).filter((name) => name.startsWith("schedule-"));
    expect(names).toEqual(["schedule-epochs", ...rows.map(({ name }) => `schedule-${name}`)]);
    const session = await sessionOf(`schedule=${schedule}`);
    const rates = new Set<number | undefined>();
    for (let epoch = 0; epoch < 6; epoch++) {
      await session.train(1);
      rates.add(session.learningRate);
    }
    expect(rates.size).toBeGreaterThan(1);
  });

  test.each(HIDDEN_ACTIVATIONS)("activation %s", async (activation) => {
    const session = await trained(`hiddenActivation=${activation}&data=hills`, 1);
    expect(session.scoreTest()?.loss).toBeGreaterThan(0);
  });

  test("a loss for each kind of labels", async () => {
    const losses = new Set<string>();
    for (const data of ["moons", "gaussians&classes=3", "wave"]) {
      const set = makeDataSet(read(`data=${data}`).settings, []);
      for (const loss of fittingLosses(set)) {
        losses.add(loss);
        const session = await trained(`data=${data}&loss=${loss}`, 1);
        const chosen = session.network.config.loss;
        expect(typeof chosen === "string" ? chosen : chosen.type).toBe(loss);
        expect(session.scoreTrain().loss).toBeGreaterThan(0);
      }
    }
    const names = Object.entries(LOSS_ROWS).flatMap(([name, { targets }]) =>
      targets === "counts" ? [] : [name],
    );
    expect([...losses].sort()).toEqual(names.sort());
    expect(fittingLosses({ task: "classes", classes: 2 })[0]).toBe("binaryCrossEntropy");
    expect(fittingLosses({ task: "numbers", classes: 0 })[0]).toBe("meanSquaredError");
  });
});

// Links of 0.1: what they promise holds. Fingerprints of the page that made them.
test.each([
  ["data=circles&seed=3&keepProb=0.8&l2=0.1", "32c814064f706895"],
  ["data=gaussians&classes=3&optimizer=momentum&beta1=0.8&learningRate=0.1", "a34ae23f015f6d9f"],
  ["data=xor&optimizer=gradientDescent&learningRate=0.5&batchSize=0", "b79d39eeac19823b"],
])("%s trains to the same bits for ever", async (link, expected) => {
  expect((await (await trained(link)).fingerprint())?.slice(0, 16)).toBe(expected);
});

test("a parameter that can't be beside the others is a problem", () => {
  const problems = (link: string) => read(link).problems.map(({ message }) => message);
  expect(problems("optimizer=sgd&nesterov=1")).toEqual([
    "Nesterov must be off where Momentum is 0, not “1”.",
  ]);
  expect(problems("optimizer=sgd&nesterov=1&momentum=0.9")).toEqual([]);
  expect(problems("schedule=cosine&schedule-warmup=6")).toEqual([
    "Warm-up, epochs must be less than the training’s and the schedule’s length, 6, not “6”.",
  ]);
  expect(problems("schedule=piecewise&schedule-rates=0.1")[0]).toMatch(/must be 2 to 12 numbers/);
  expect(problems("loss=huber&data=wave&loss-delta=0")).toEqual(["δ must be a number above 0, not “0”."]);
  expect(problems("testShare=50&validationShare=60")[0]).toMatch(/^Validation share must be at most 40/);
});

describe("early stopping", () => {
  const link = "data=gaussians&classes=4&noise=0.5&validationShare=30&patience=3&learningRate=0.1&epochs=60";

  test("ends so many epochs after the best, whose weights are back, however it is stepped", async () => {
    const session = await trained(link, 60);
    expect(session.ending).toBe("earlyStopping");
    expect(session.epoch).toBe((session.best?.epoch ?? 0) + 3);
    const stepped = await sessionOf(link);
    for (let i = 0; i < session.epoch; i++) {
      expect(stepped.ending).toBeUndefined();
      await stepped.train(1);
    }
    expect(await stepped.fingerprint()).toBe(await session.fingerprint());
    const best = await trained(link.replace("patience=3", "patience=0"), session.best?.epoch ?? 0);
    expect(await best.fingerprint()).toBe(await session.fingerprint());
  });

  test("brings the best back at the last epoch too, and another training can follow", async () => {
    const session = await trained(link.replace("patience=3", "patience=1000"), 60);
    expect([session.ending, session.epoch]).toEqual(["epochs", 60]);
    const at = session.best?.epoch ?? 0;
    expect(at).toBeLessThan(60);
    const best = await trained(link.replace("patience=3", "patience=0"), at);
    expect(await session.fingerprint()).toBe(await best.fingerprint());
    await session.train(1);
    expect([session.ending, session.epoch]).toEqual([undefined, 61]);
    await session.dispose();
  });
});

test("California's file: 2,000 whole block groups of the state, one scale for all columns, a better answer than the mean", async () => {
  expect(blocks.length).toBe(BLOCKS * BLOCK_COLUMNS.length);
  expect(blocks.every(Number.isFinite)).toBe(true);
  const { settings } = read("data=california&examples=500");
  const { train, test, range } = makeDataSet(settings, [], blocks);
  expect([train.labels.length, test.labels.length]).toEqual([375, 125]);
  expect(range[0]).toBeGreaterThan(0.1);
  expect(range[1]).toBeCloseTo(5.00001, 5);
  expect(train.places.every((at) => Math.abs(at) < 2)).toBe(true);
  const session = await trained("data=california&examples=500&hiddenLayers=16,16&epochs=40", 40);
  expect(session.scoreTest()?.values.r2).toBeGreaterThan(0.5);
});
