import { architectureOf } from "../config/architecture.js";
import type { NetworkConfig } from "../config/network-config.js";
import { ConfigError, FormatError } from "../errors/errors.js";
import { resolveEarlyStopping } from "../training/early-stopping.js";
import type { FitState } from "../training/state.js";
import type { StoppingState, ValidationState } from "../training/watch-state.js";
import type { TensorEntry } from "./header.js";
import type { MetadataReader } from "./metadata.js";
import { TENSOR_TYPE, type TensorPlan } from "./model-file.js";
import { float64s, type Safetensors, tensorBytes } from "./safetensors.js";

/** More scores than any fit has. */
const MOST_SCORES = 256;

/** The names of the validation's scores, `loss` first. Raises FormatError. */
export function readScoreNames(metadata: MetadataReader): readonly string[] {
  const names = metadata.json("validation.scores");
  const isText = (name: unknown): name is string =>
    typeof name === "string" && name.length > 0 && name.length <= 256;
  if (
    Array.isArray(names) &&
    names.length <= MOST_SCORES &&
    names[0] === "loss" &&
    names.every(isText) &&
    new Set(names).size === names.length
  ) {
    return names;
  }
  throw metadata.invalid("validation.scores", `at most ${MOST_SCORES} names, each once, "loss" first`);
}

/** What early stopping knew, without the best parameters. Raises FormatError. */
export function readStopping(metadata: MetadataReader, epochs: number): StoppingState {
  try {
    const settings = resolveEarlyStopping(metadata.json("earlyStopping"));
    const bestEpoch = metadata.integer("earlyStopping.bestEpoch", 0, epochs);
    return {
      settings,
      bestEpoch,
      bestValue: metadata.number("earlyStopping.bestValue", "a number", () => true),
      waited: metadata.integer("earlyStopping.waited", 0, epochs - bestEpoch),
      best: undefined,
    };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw metadata.invalid("earlyStopping", `${error.path}: ${error.expected}`);
  }
}

/** The tensors that validation and early stopping have in a checkpoint. */
export function watchPlan(
  { tensors }: Safetensors,
  config: NetworkConfig,
  scores: readonly string[] | undefined,
  stopping: StoppingState | undefined,
): TensorPlan[] {
  const { parameterCount, statisticsCount } = architectureOf(config);
  const dtype = TENSOR_TYPE[config.dtype];
  const [count = 0] = tensors.get("validation.epochs")?.shape ?? [];
  const names = scores === undefined ? [] : ["epochs", ...scores.map((name) => `scores.${name}`)];
  const hasBest = stopping?.settings.restoreBest === true && stopping.bestEpoch > 0;
  return [
    ...names.map((name): TensorPlan => {
      return { name: `validation.${name}`, dtype: "F64", shape: [count], anyNumbers: true };
    }),
    ...(hasBest
      ? [
          { name: "best.parameters", dtype, shape: [parameterCount] },
          { name: "best.statistics", dtype, shape: [statisticsCount] },
        ]
      : []),
  ];
}

/** The state that these tensors hold, in the plan's order. Raises FormatError. */
export function watchState(
  file: Safetensors,
  tensors: readonly TensorEntry[],
  scores: readonly string[] | undefined,
  stopping: StoppingState | undefined,
  epochs: number,
): Pick<FitState, "validation" | "stopping"> {
  const [first, ...rest] = tensors;
  const validation =
    scores === undefined || first === undefined
      ? undefined
      : readValidation(file, first, rest, scores, epochs);
  const [parameters, statistics] = tensors.slice(scores === undefined ? 0 : scores.length + 1);
  if (stopping !== undefined && parameters !== undefined && statistics !== undefined) {
    stopping.best = { parameters: floatsOf(file, parameters), statistics: floatsOf(file, statistics) };
  }
  return { validation, stopping };
}

function readValidation(
  file: Safetensors,
  epochsTensor: TensorEntry,
  rest: readonly TensorEntry[],
  scores: readonly string[],
  epochs: number,
): ValidationState {
  const validated = [...float64s(file, epochsTensor)];
  const isOne = (epoch: number, i: number) =>
    Number.isInteger(epoch) && epoch >= 1 && epoch <= epochs && (i === 0 || epoch > (validated[i - 1] ?? 0));
  if (!validated.every(isOne)) {
    const at = file.dataStart + epochsTensor.start;
    throw new FormatError(
      "range",
      at,
      "validation.epochs",
      `ascending epochs up to ${epochs}`,
      `${validated}`,
    );
  }
  const values = scores.map((name, i): [string, number[]] => {
    const tensor = rest[i];
    return [name, tensor === undefined ? [] : [...float64s(file, tensor)]];
  });
  return { epochs: validated, scores: Object.fromEntries(values), examples: undefined };
}

function floatsOf(file: Safetensors, tensor: TensorEntry): Float32Array | Float64Array {
  const bytes = tensorBytes(file, tensor).slice();
  return tensor.dtype === "F64" ? new Float64Array(bytes.buffer) : new Float32Array(bytes.buffer);
}
