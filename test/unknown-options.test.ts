// What an option that doesn't exist is answered with: the name that was meant, or what to do.
import { describe, expect, it } from "vitest";
import { OPTION_NAMES } from "../ts/config/option-names.js";
import { instead } from "../ts/config/unknown-option.js";
import {
  adam,
  ConfigError,
  createNetwork,
  gradientCheck,
  gradientDescent,
  loadNetwork,
  miniBatches,
  momentum,
  resumeTraining,
  rmsProp,
  sgd,
  trainMlp,
} from "../ts/index.js";
import { small } from "./made.js";

const x = [[1, 2, 3, 4]];
const y = [1];

async function errorOf(call: () => unknown): Promise<ConfigError> {
  const error: unknown = await (async () => call())().catch((reason: unknown) => reason);
  if (error instanceof ConfigError) return error;
  throw new Error(`expected a ConfigError, got ${error}`);
}

const calls: Record<string, (options: object) => unknown> = {
  createNetwork: (options) => createNetwork({ layerDims: [4, 1], ...options }),
  fit: async (options) => (await small()).fit(x, y, { epochs: 1, ...options }),
  trainStep: async (options) => (await small()).trainStep(x, y, { optimizer: adam(), ...options }),
  gradients: async (options) => (await small()).gradients(x, y, options),
  gradientCheck: async (options) => gradientCheck(await small(), x, y, options),
  miniBatches: (options) => miniBatches(x, y, options),
  trainMlp: (options) => trainMlp(x, y, [4, 1], options),
  save: async (options) => (await small()).save("never-written", options),
  loadNetwork: (options) => loadNetwork(new Uint8Array(), options),
  resumeTraining: (options) => resumeTraining("none", x, y, options),
  checkpoint: async (options) =>
    (await small()).fit(x, y, { epochs: 1, checkpoint: { path: "never-written", ...options } }),
  adam: (options) => adam(options),
  momentum: (options) => momentum(options),
  gradientDescent: (options) => gradientDescent(options),
  sgd: (options) => sgd(options),
  rmsProp: (options) => rmsProp(options),
};

describe("an unknown option is refused by", () => {
  it.each(Object.entries(calls))("%s, with its place", async (name, call) => {
    const error = await errorOf(() => call({ quite_unknown: 1 }));
    expect(error.path).toMatch(/\.quite_unknown$/);
    expect(error.got).toBe("an unknown one");
    const names: readonly string[] = OPTION_NAMES[name as keyof typeof OPTION_NAMES];
    expect(error.expected).toBe(`one of ${names.join(", ")}`);
  });
});

describe("did you mean", () => {
  it.each([
    ["createNetwork", "treads", "threads"],
    ["createNetwork", "layer_dims", "layerDims"],
    ["createNetwork", "LAYERDIMS", "layerDims"],
    ["createNetwork", "hiddenLayers", "layerDims"],
    ["createNetwork", "hidden_layer_sizes", "layerDims"],
    ["createNetwork", "units", "layerDims"],
    ["createNetwork", "activation", "hiddenActivation"],
    ["createNetwork", "random_state", "seed"],
    ["createNetwork", "kernel_initializer", "initialization"],
    ["createNetwork", "n_jobs", "threads"],
    ["fit", "batch_size", "batchSize"],
    ["fit", "batch-size", "batchSize"],
    ["fit", "batchsize", "batchSize"],
    ["fit", "epoch", "epochs"],
    ["fit", "epocs", "epochs"],
    ["fit", "iterations", "epochs"],
    ["fit", "max_iter", "epochs"],
    ["fit", "on_epoch", "onEpoch"],
    ["fit", "onEpochEnd", "onEpoch"],
    ["fit", "keep_prob", "keepProb"],
    ["fit", "dropout", "keepProb"],
    ["adam", "weight_decay", "weightDecay"],
    ["fit", "L_1", "l1"],
    ["fit", "optimiser", "optimizer"],
    ["trainStep", "dropout_masks", "dropoutMasks"],
    ["adam", "lr", "learningRate"],
    ["adam", "learning_rate", "learningRate"],
    ["adam", "beta", "beta1"],
    ["adam", "eps", "epsilon"],
    ["momentum", "beta1", "beta"],
    ["momentum", "momentum", "beta"],
    ["sgd", "beta", "momentum"],
    ["adam", "alpha", "learningRate"],
    ["rmsProp", "alpha", "decay"],
    ["rmsProp", "rho", "decay"],
    ["rmsProp", "lr", "learningRate"],
    ["trainMlp", "epochs", "iterations"],
    ["trainMlp", "batchSize", "miniBatchSize"],
    ["trainMlp", "mini_batch_size", "miniBatchSize"],
    ["trainMlp", "seed", "paramsSeed"],
    ["trainMlp", "print_cost_freq", "printCostFreq"],
    ["checkpoint", "every_steps", "everySteps"],
    ["resumeTraining", "batch_size", "batchSize"],
    ["loadNetwork", "layer_dims", "layerDims"],
  ])("%s({ %s }): %s", async (call, key, name) => {
    const error = await errorOf(() => calls[call]?.({ [key]: 1 }));
    expect(error.expected).toContain(`did you mean ${name}?`);
  });

  it("of every name in snake_case, in every call", () => {
    for (const [call, names] of Object.entries(OPTION_NAMES)) {
      for (const name of names) {
        const snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
        expect(instead(call as keyof typeof OPTION_NAMES, snake)).toContain(`did you mean ${name}?`);
      }
    }
  });
});

describe("what belongs elsewhere says where", () => {
  it.each([
    ["fit", "learningRate", "adam({ learningRate })"],
    ["fit", "learning_rate", "adam({ learningRate })"],
    ["fit", "lr", "adam({ learningRate })"],
    ["fit", "beta1", "adam({ beta1 })"],
    ["fit", "alpha", "adam({ learningRate })"],
    ["fit", "rho", "rmsProp({ decay })"],
    ["adam", "centered", "rmsProp({ centered })"],
    ["fit", "layerDims", "createNetwork({ layerDims })"],
    ["fit", "threads", "createNetwork({ threads })"],
    ["fit", "loss", "createNetwork({ loss })"],
    ["fit", "seed", "createNetwork({ seed })"],
    ["fit", "activation", "createNetwork({ hiddenActivation })"],
    ["fit", "everySteps", "fit's checkpoint: { everySteps }"],
    ["createNetwork", "epochs", "fit({ epochs })"],
    ["createNetwork", "batch_size", "fit({ batchSize })"],
    ["createNetwork", "optimizer", "fit({ optimizer })"],
    ["createNetwork", "dropout", "keepProb is 1 − dropout"],
    ["createNetwork", "learningRate", "adam({ learningRate })"],
    ["trainStep", "epochs", "fit({ epochs })"],
    ["fit", "weightDecay", "adamW({ weightDecay })"],
    ["fit", "weight_decay", "adamW({ weightDecay })"],
    ["trainMlp", "weightDecay", "adamW({ weightDecay })"],
    ["adam", "l2", "fit({ l2 })"],
  ])("%s({ %s }): %s", async (call, key, place) => {
    expect((await errorOf(() => calls[call]?.({ [key]: 1 }))).expected).toContain(place);
  });
});

describe("what there isn't says what to do", () => {
  it.each([
    ["validationSplit", "fit({ validation: { x, y } })"],
    ["validation_split", "fit({ validation: { x, y } })"],
    ["validationData", "fit({ validation: { x, y } })"],
    ["early_stopping", "did you mean earlyStopping?"],
    ["errorThresh", "fit({ earlyStopping: { patience, minDelta } })"],
    ["callbacks", "onEpoch"],
    ["verbose", "onEpoch"],
    ["class_weight", "did you mean classWeight?"],
    ["sample_weights", "did you mean sampleWeight?"],
    ["momentum", "the optimizer momentum"],
    ["shuffle", "always shuffled"],
    ["steps_per_epoch", "visits all examples once"],
    ["initial_epoch", "resumeTraining"],
  ])("fit({ %s }): %s", async (key, advice) => {
    expect((await errorOf(() => calls.fit?.({ [key]: 1 }))).expected).toContain(advice);
  });
});

it("earlyStopping knows Keras's word for its best weights", () => {
  expect(instead("earlyStopping", "restore_best_weights")).toBe("a known option (did you mean restoreBest?)");
});

it.each(["constructor", "__proto__", "hasOwnProperty", "toString", "", "_"])(
  "%j is no word of any table",
  (key) => {
    expect(instead("fit", key)).toMatch(/^one of /);
  },
);

it("a key of four megabytes is answered shortly and at once", async () => {
  const error = await errorOf(() => calls.fit?.({ ["k".repeat(4e6)]: 1 }));
  expect(error.message.length).toBeLessThan(OPTION_NAMES.fit.join(", ").length + 120);
});
