import { describe } from "../platform/describe.js";
import { isObject } from "./keras-layers.js";
import { broken } from "./tensors.js";

/** By Keras's names; those of one name that differ in a number have a function below. */
const NAMES = {
  linear: "linear",
  relu: "relu",
  sigmoid: "sigmoid",
  softmax: "softmax",
  tanh: "tanh",
  elu: "elu",
  selu: "selu",
  gelu: "gelu",
  gelu_new: "geluTanh", // of TensorFlow.js
  silu: "silu",
  swish: "silu",
  mish: "mish",
  softplus: "softplus",
} as const;

export type ImportedActivation =
  | (typeof NAMES)[keyof typeof NAMES]
  | "leakyRelu"
  | "geluTanh"
  | "hardSigmoid"
  | "hardSwish";

/** Keras 3 has the core's hard sigmoid; Keras 2 and TensorFlow.js another: min(max(0.2·z + 0.5, 0), 1). */
const OF_KERAS_3: Readonly<Record<string, ImportedActivation>> = {
  hard_sigmoid: "hardSigmoid",
  hard_silu: "hardSwish",
  hard_swish: "hardSwish",
};

/** An activation by its name, or by an object that Keras made of it. Raises FormatError for one that the core doesn't have. */
export function activationOf(given: unknown, place: string, isKeras3: boolean): ImportedActivation {
  if (given === null || given === undefined) return "linear";
  const name = nameOf(given);
  const own =
    typeof name !== "string" ? undefined : isKeras3 ? (OF_KERAS_3[name] ?? named(name)) : named(name);
  if (own !== undefined) return own;
  throw broken("tensorSet", place, "an activation that layerwise has", describe(name));
}

function nameOf(given: unknown): unknown {
  if (!isObject(given)) return given;
  return given.class_name === "function" ? given.config : given.class_name;
}

function named(name: string): ImportedActivation | undefined {
  return Object.hasOwn(NAMES, name) ? NAMES[name as keyof typeof NAMES] : undefined;
}

type Config = Readonly<Record<string, unknown>>;

const SLOPE = 0.01;

/** Layers that are an activation. Undefined for other layers; raises FormatError for numbers that the core's doesn't have. */
export function activationLayer(
  type: string,
  config: Config,
  place: string,
  isKeras3: boolean,
): ImportedActivation | undefined {
  const only = (name: string, expected: number, got: unknown) => {
    if (got === undefined || got === null || Math.abs(Number(got) - expected) < 1e-6) return;
    throw broken("tensorSet", place, `${name} ${expected}`, describe(got));
  };
  if (type === "Activation") return activationOf(config.activation, place, isKeras3);
  if (type === "ReLU") {
    const { max_value: most, threshold, negative_slope: slope } = config;
    if (most !== undefined && most !== null)
      throw broken("tensorSet", place, "a ReLU without max_value", describe(most));
    only("threshold", 0, threshold);
    if (Number(slope ?? 0) === 0) return "relu";
    only("negative_slope", SLOPE, slope);
    return "leakyRelu";
  }
  if (type === "LeakyReLU") {
    only("a slope of", SLOPE, config.negative_slope ?? config.alpha ?? 0.3);
    return "leakyRelu";
  }
  if (type === "ELU") {
    only("alpha", 1, config.alpha);
    return "elu";
  }
  if (type !== "Softmax") return undefined;
  if (config.axis !== undefined && config.axis !== -1 && config.axis !== 1)
    throw broken("tensorSet", place, "a softmax over the last axis", describe(config.axis));
  return "softmax";
}
