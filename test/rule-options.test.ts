// Options of update rules that turn something on, and what a rule keeps for them.
import { describe, expect, it } from "vitest";
import { momentsOf } from "../ts/catalog/optimizers.js";
import {
  ConfigError,
  createNetwork,
  gradientDescent,
  loadNetwork,
  momentum,
  type Optimizer,
  resumeTraining,
  rmsProp,
  sgd,
} from "../ts/index.js";
import { makeOptimizer } from "../ts/training/make-optimizer.js";
import { hashOf } from "./closeness.js";
import { forged } from "./files/signing.js";
import { checkpointsOf, fitOptions, options, rejection, storeOf, x, y } from "./files/small-files.js";
import { made } from "./made.js";

async function trained(optimizer: Optimizer): Promise<string> {
  using network = await createNetwork(options);
  await network.fit(x, y, { ...fitOptions, optimizer });
  return hashOf(network.parameters());
}

describe("a moment takes memory only where an option asks for it:", () => {
  it.each([
    [sgd(), ""],
    [sgd({ momentum: 0.5 }), "u"],
    [rmsProp(), "s"],
    [rmsProp({ centered: true }), "sv"],
    [rmsProp({ momentum: 0.5 }), "su"],
    [rmsProp({ momentum: 0.5, centered: true }), "svu"],
  ])("%#", async (optimizer, kept) => {
    expect(momentsOf(optimizer.rule, optimizer.hyperparameters).join("")).toBe(kept);
    const network = made(await createNetwork(options));
    optimizer.attach(network.trainee.layers);
    expect(optimizer.moments).toHaveLength(kept.length);
    for (const moment of optimizer.moments) expect(moment.length).toBe(network.trainee.layers.parameterCount);
  });
});

it("what is off is as if it weren't given", async () => {
  expect(await trained(sgd({ learningRate: 0.1 }))).toBe(
    await trained(gradientDescent({ learningRate: 0.1 })),
  );
  expect(await trained(sgd({ momentum: 0, nesterov: false }))).toBe(await trained(sgd()));
  expect(await trained(rmsProp({ momentum: 0, centered: false }))).toBe(await trained(rmsProp()));
  expect(await trained(momentum({ nesterov: false }))).toBe(await trained(momentum()));
  expect(await trained(momentum({ nesterov: true }))).not.toBe(await trained(momentum()));
});

it("sgd's steps are those of momentum with 1/(1 − μ) times its learning rate", async () => {
  for (const nesterov of [false, true]) {
    const [network, twin] = [
      made(await createNetwork({ ...options, dtype: "float64" })),
      made(await createNetwork({ ...options, dtype: "float64" })),
    ];
    await network.fit(x, y, { epochs: 3, optimizer: sgd({ learningRate: 0.1, momentum: 0.75, nesterov }) });
    await twin.fit(x, y, { epochs: 3, optimizer: momentum({ learningRate: 0.4, beta: 0.75, nesterov }) });
    const numbers = network.parameters().flatMap(({ weights, biases }) => [...weights.data, ...biases]);
    const others = twin.parameters().flatMap(({ weights, biases }) => [...weights.data, ...biases]);
    numbers.forEach((value, i) => {
      expect(value).toBeCloseTo(others[i] ?? Number.NaN, 12);
    });
  }
});

describe("an option that is on or off", () => {
  it.each([1, 0, "true", null, Number.NaN, {}])("is true or false, and %s is refused", (wrong) => {
    for (const [rule, name] of [
      ["momentum", "nesterov"],
      ["sgd", "nesterov"],
      ["rmsProp", "centered"],
    ] as const)
      expect(() => makeOptimizer(rule, { [name]: wrong })).toThrow(`${name}: expected true or false`);
  });

  it("is refused where it would change nothing", () => {
    expect(() => sgd({ nesterov: true })).toThrow(ConfigError);
    expect(() => sgd({ nesterov: true })).toThrow(
      "nesterov: expected momentum above 0 beside it, got momentum 0",
    );
    expect(() => momentum({ beta: 0, nesterov: true })).toThrow(
      "nesterov: expected beta above 0 beside it, got beta 0",
    );
    momentum({ nesterov: true });
  });
});

describe("a checkpoint", () => {
  const checkpointOf = async (optimizer: Optimizer): Promise<Uint8Array> => {
    using network = await createNetwork(options);
    const [last = new Uint8Array()] = await checkpointsOf(network, { ...fitOptions, optimizer });
    return last;
  };
  const textOf = (file: Uint8Array) => new TextDecoder("latin1").decode(file);

  it("names what is on, and is as it was where nothing is", async () => {
    const on = textOf(await checkpointOf(rmsProp({ centered: true, momentum: 0.5 })));
    for (const text of [
      '"optimizer.centered":"1"',
      '"optimizer.momentum":"0.5"',
      '"optimizer.u"',
      '"optimizer.v"',
    ])
      expect(on).toContain(text);
    const off = textOf(await checkpointOf(rmsProp()));
    for (const text of ["centered", "optimizer.momentum", '"optimizer.u"', '"optimizer.v"'])
      expect(off).not.toContain(text);
    expect(textOf(await checkpointOf(momentum()))).not.toContain("nesterov");
  });

  it("isn't resumed with another", async () => {
    const store = storeOf(await checkpointOf(sgd({ momentum: 0.5, nesterov: true })));
    for (const [optimizer, path] of [
      [sgd({ momentum: 0.5 }), "optimizer.nesterov"],
      [sgd({ momentum: 0.25, nesterov: true }), "optimizer.momentum"],
      [momentum({ nesterov: true }), "optimizer"],
    ] as const)
      await expect(resumeTraining("-", x, y, { store, optimizer })).rejects.toMatchObject({ path });
  });

  it.each([
    ["nesterov 2", '"optimizer.nesterov":"1"', '"optimizer.nesterov":"2"', "metadata"],
    ["nesterov named though 0", '"optimizer.nesterov":"1"', '"optimizer.nesterov":"0"', "metadata"],
    ["no momentum beside nesterov", '"optimizer.momentum":"0.5",', "", "metadata"],
    ["an option of another rule", '"optimizer.nesterov":"1"', '"optimizer.centered":"1"', "metadata"],
    ["momentum 1", '"optimizer.momentum":"0.5"', '"optimizer.momentum":"1"', "metadata"],
  ])("with %s is refused", async (_, from, to, rule) => {
    const file = forged(await checkpointOf(sgd({ momentum: 0.5, nesterov: true })), (text) =>
      text.replace(from, to),
    );
    expect(await rejection(loadNetwork(file))).toMatchObject({ code: "ERR_FORMAT", rule });
  });
});
