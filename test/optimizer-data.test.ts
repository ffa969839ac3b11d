// An optimizer's data form: plain JSON that stands for a new one, checked as the functions check their options.
import { describe, expect, it } from "vitest";
import { UPDATE_RULES } from "../ts/catalog/optimizers.js";
import {
  adam,
  ConfigError,
  cosine,
  type FitOptions,
  type OptimizerData,
  resumeTraining,
  rmsProp,
  StateError,
  sgd,
} from "../ts/index.js";
import { makeOptimizer, toOptimizer } from "../ts/training/make-optimizer.js";
import { hashOf } from "./closeness.js";
import { checkpointsOf, fitOptions, options, rejection, storeOf, thrown, x, y } from "./files/small-files.js";
import { small } from "./made.js";
import { goldenRunsOf } from "./update-rules.js";

const network = () => small(options);

async function trained(optimizer: FitOptions["optimizer"] | undefined): Promise<string> {
  const one = await network();
  await one.fit(x, y, { ...fitOptions, ...(optimizer !== undefined && { optimizer }) });
  return hashOf(one.parameters());
}

describe.each(UPDATE_RULES)("%s", (rule) => {
  it("trains by its data form and by its bare name as one that its function made, to the bit", async () => {
    for (const { options: given } of goldenRunsOf(rule).runs) {
      const data = { type: rule, ...given } as OptimizerData;
      expect(await trained(data)).toBe(await trained(makeOptimizer(rule, given)));
    }
    expect(await trained(rule)).toBe(await trained(makeOptimizer(rule, {})));
  });

  it("is JSON that makes the same again", () => {
    for (const { options: given } of goldenRunsOf(rule).runs) {
      const optimizer = makeOptimizer(rule, given);
      const again = toOptimizer("optimizer", JSON.parse(JSON.stringify(optimizer)));
      expect(again).toMatchObject({ rule, hyperparameters: optimizer.hyperparameters });
      expect(again.learningRate).toBe(optimizer.learningRate);
      expect(again.toJSON()).toEqual(optimizer.toJSON());
    }
  });
});

describe("data", () => {
  it("have every option, by its name, and a schedule as data", () => {
    expect(adam().toJSON()).toEqual({
      ...{ type: "adam", learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 },
    });
    expect(rmsProp({ centered: true }).toJSON()).toMatchObject({ centered: true, momentum: 0 });
    expect(makeOptimizer("momentum", { beta: 0.5 }).toJSON()).toMatchObject({ beta: 0.5, nesterov: false });
    const learningRate = cosine({ from: 0.1, steps: 9 });
    expect(sgd({ learningRate }).toJSON()).toMatchObject({ learningRate });
    const again = toOptimizer("optimizer", JSON.parse(JSON.stringify(sgd({ learningRate }))));
    expect(again.learningRate).toEqual(learningRate);
  });

  it("stand for a new optimizer at each fit, and are the caller's to change afterwards", async () => {
    const [one, other] = [await network(), await network()];
    const data = { type: "adam", learningRate: 0.01 } as const;
    const fit = { epochs: 2, batchSize: 5 };
    await one.fit(x, y, { ...fit, optimizer: data });
    await one.fit(x, y, { ...fit, optimizer: data });
    await other.fit(x, y, { ...fit, optimizer: adam({ learningRate: 0.01 }) });
    await other.fit(x, y, { ...fit, optimizer: adam({ learningRate: 0.01 }) });
    expect(hashOf(one.parameters())).toBe(hashOf(other.parameters()));
    const lasting = adam({ learningRate: 0.01 });
    const third = await network();
    await third.fit(x, y, { ...fit, optimizer: lasting });
    await third.fit(x, y, { ...fit, optimizer: lasting });
    expect(hashOf(third.parameters())).not.toBe(hashOf(one.parameters()));
  });

  it("leave no moments behind in the network's memory", async () => {
    const one = await network();
    await one.fit(x, y, { epochs: 1, optimizer: "adam" });
    expect(one.trainee.layers.moments.holder).toBeUndefined();
  });

  it("are compared with a checkpoint's optimizer, and take over its state", async () => {
    const checkpoint = (await checkpointsOf(await network(), { ...fitOptions, optimizer: adam() }))[8];
    const resume = (optimizer: FitOptions["optimizer"]) =>
      resumeTraining("-", x, y, {
        store: storeOf(checkpoint),
        ...(optimizer !== undefined && { optimizer }),
      });
    const plain = await resume(undefined);
    for (const same of ["adam", { type: "adam", beta1: 0.9 }] as const) {
      const { network: resumed, optimizer } = await resume(same);
      expect(hashOf(resumed.parameters())).toBe(hashOf(plain.network.parameters()));
      expect(optimizer.steps).toBe(15);
      resumed.trainStep(x, y, { optimizer });
      resumed.dispose();
    }
    plain.network.dispose();
    for (const [other, path] of [
      ["adamW", "optimizer"],
      [{ type: "adam", learningRate: 0.01 }, "optimizer.learningRate"],
    ] as const) {
      const error = await rejection(resume(other));
      expect(error).toBeInstanceOf(StateError);
      expect(error).toMatchObject({ path });
    }
  });
});

describe("fit refuses, and nothing has changed,", () => {
  it.each<[unknown, string, string]>([
    ["adm", "optimizer", 'did you mean "adam"?'],
    ["__proto__", "optimizer", '"gradientDescent" or'],
    [{ type: "adamw" }, "optimizer.type", 'did you mean "adamW"?'],
    [{ type: "toString" }, "optimizer.type", '"gradientDescent" or'],
    [{ learningRate: 0.1 }, "optimizer.type", "got undefined"],
    [{}, "optimizer.type", "got undefined"],
    [{ type: "adam", lr: 0.1 }, "optimizer.lr", "did you mean learningRate?"],
    [{ type: "adam", momentum: 0.9 }, "optimizer.momentum", "a known option"],
    [{ type: "adam", learningRate: 0 }, "optimizer.learningRate", "a finite number > 0"],
    [{ type: "adam", learningRate: "0.1" }, "optimizer.learningRate", "or a schedule"],
    [{ type: "adam", learningRate: null }, "optimizer.learningRate", "or a schedule"],
    [{ type: "adam", learningRate: { type: "cosin" } }, "optimizer.learningRate.type", 'mean "cosine"?'],
    [
      { type: "adam", learningRate: { type: "cosine", from: 0, steps: 3 } },
      "optimizer.learningRate.from",
      ">",
    ],
    [{ type: "adam", beta2: 1 }, "optimizer.beta2", "[0, 1)"],
    [{ type: "sgd", nesterov: 1 }, "optimizer.nesterov", "true or false"],
    [{ type: "sgd", nesterov: true }, "optimizer.nesterov", "momentum above 0 beside it"],
    [JSON.parse('{ "type": "adam", "__proto__": 1 }'), "optimizer.__proto__", "an unknown one"],
    [["adam"], "optimizer", "an array of 1"],
    [null, "optimizer", "null"],
    [3, "optimizer", "3"],
    [adam, "optimizer", "a function"],
    [{ rule: "adam", hyperparameters: {} }, "optimizer", "another copy of layerwise"],
  ])("%j", async (optimizer, path, text) => {
    const one = await network();
    const before = hashOf(one.parameters());
    const error = await rejection(one.fit(x, y, { epochs: 1, optimizer } as never));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({ path });
    expect(String(error)).toContain(text);
    expect([one.steps, hashOf(one.parameters())]).toEqual([0, before]);
    await one.fit(x, y, { epochs: 1 });
  });
});

describe("trainStep, where a new one at each step would lose its state, says how to make one:", () => {
  it.each<[unknown, string]>([
    ["adamW", "made once, by adamW(…)"],
    [{ type: "lion", learningRate: 1 }, "made once, by lion(…)"],
    [{ type: "nothing" }, "an optimizer such as adam()"],
    ["adm", "an optimizer such as adam()"],
    [undefined, "an optimizer such as adam()"],
  ])("%j", async (optimizer, text) => {
    const one = await network();
    const error = thrown(() => one.trainStep(x, y, { optimizer } as never));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({ path: "optimizer" });
    expect(String(error)).toContain(text);
    expect(one.steps).toBe(0);
  });
});
