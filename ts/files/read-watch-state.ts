import { architectureOf } from "../config/architecture.js";
import type { NetworkConfig } from "../config/network-config.js";
import { ConfigError, FormatError } from "../errors/errors.js";
import { resolveEarlyStopping } from "../training/early-stopping.js";
import type { Monitoring } from "../training/monitor.js";
import { resolveReduceOnPlateau } from "../training/reduce-on-plateau.js";
import type { FitState } from "../training/state.js";
import type {
  AverageSettings,
  PlateauState,
  StoppingState,
  Trend,
  ValidationState,
} from "../training/watch-state.js";
import { resolveWeightAverage } from "../training/weight-average.js";
import type { TensorEntry } from "./header.js";
import type { MetadataReader } from "./metadata.js";
import { TENSOR_TYPE, type TensorPlan } from "./model-file.js";
import { float64s, type Safetensors, tensorBytes } from "./safetensors.js";

/** More scores than any fit has. */
const MOST_SCORES = 256;

/** The names of the validation's scores, `loss` first. Raises FormatError. */
function readScoreNames(metadata: MetadataReader): readonly string[] {
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

/** What those who watched knew, as far as the metadata say it. */
export interface Watched {
  readonly scores: readonly string[] | undefined;
  readonly stopping: StoppingState | undefined;
  readonly plateau: PlateauState | undefined;
  readonly average: Averaged | undefined;
}

/** Which average was kept, and how many updates or epochs are in it. */
interface Averaged {
  readonly settings: AverageSettings;
  readonly count: number;
}

/** How far a fit had come. */
interface Reached {
  readonly epochs: number;
  readonly steps: number;
}

/** Raises FormatError. */
export function readWatched(metadata: MetadataReader, { epochs, steps }: Reached, last: number): Watched {
  const stopping = readOptions(metadata, "earlyStopping", resolveEarlyStopping);
  const plateau = readOptions(metadata, "reduceOnPlateau", resolveReduceOnPlateau);
  const average = readOptions(metadata, "weightAverage", (given) => resolveWeightAverage(given, last));
  return {
    scores: metadata.has("validation.scores") ? readScoreNames(metadata) : undefined,
    stopping:
      stopping === undefined
        ? undefined
        : { settings: stopping, ...readTrend(metadata, "earlyStopping", epochs), best: undefined },
    plateau:
      plateau === undefined
        ? undefined
        : { settings: plateau, ...readTrend(metadata, "reduceOnPlateau", epochs) },
    average:
      average === undefined ? undefined : { settings: average, count: averaged(average, epochs, steps) },
  };
}

/** Each update is in the average, or each epoch from one on. */
function averaged({ fromEpoch }: AverageSettings, epochs: number, steps: number): number {
  return fromEpoch === undefined ? steps : Math.max(0, epochs - fromEpoch + 1);
}

function readOptions<Settings>(
  metadata: MetadataReader,
  key: string,
  resolve: (given: unknown) => Settings,
): Settings | undefined {
  if (!metadata.has(key)) return undefined;
  try {
    const settings = resolve(metadata.json(key));
    if (JSON.stringify(settings) === metadata.text(key).text) return settings;
    throw metadata.invalid(key, JSON.stringify(settings));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw metadata.invalid(key, `${error.path}: ${error.expected}`);
  }
}

function readTrend(metadata: MetadataReader, by: Monitoring, epochs: number): Trend {
  const bestEpoch = metadata.integer(`${by}.bestEpoch`, 0, epochs);
  return {
    bestEpoch,
    bestValue: metadata.number(`${by}.bestValue`, "a number", () => true),
    waited: metadata.integer(`${by}.waited`, 0, epochs - bestEpoch),
  };
}

/** The tensors that those who watched have in a checkpoint. */
export function watchPlan({ tensors }: Safetensors, config: NetworkConfig, watched: Watched): TensorPlan[] {
  const { parameterCount, statisticsCount } = architectureOf(config);
  const { scores, stopping, average } = watched;
  const dtype = TENSOR_TYPE[config.dtype];
  const [count = 0] = tensors.get("validation.epochs")?.shape ?? [];
  const names = scores === undefined ? [] : ["epochs", ...scores.map((name) => `scores.${name}`)];
  const hasBest = stopping?.settings.restoreBest === true && stopping.bestEpoch > 0;
  const hasAverage = average !== undefined && average.count > 0;
  const blocks = (of: string): TensorPlan[] => [
    { name: `${of}.parameters`, dtype, shape: [parameterCount] },
    { name: `${of}.statistics`, dtype, shape: [statisticsCount] },
  ];
  return [
    ...names.map((name): TensorPlan => {
      return { name: `validation.${name}`, dtype: "F64", shape: [count], anyNumbers: true };
    }),
    ...(hasBest ? blocks("best") : []),
    ...(hasAverage ? blocks("average") : []),
  ];
}

/** The state that these tensors, by their names, and the metadata hold. Raises FormatError. */
export function watchState(
  file: Safetensors,
  tensors: readonly TensorEntry[],
  { scores, stopping, plateau, average }: Watched,
  epochs: number,
): Pick<FitState, "validation" | "stopping" | "plateau" | "average"> {
  const [first, ...rest] = tensors;
  const validation =
    scores === undefined || first === undefined
      ? undefined
      : readValidation(file, first, rest, scores, epochs);
  const blocks = (of: string) => {
    const [parameters, statistics] = ["parameters", "statistics"].map((name) =>
      tensors.find((tensor) => tensor.name === `${of}.${name}`),
    );
    if (parameters === undefined || statistics === undefined) return undefined;
    return { parameters: floatsOf(file, parameters), statistics: floatsOf(file, statistics) };
  };
  if (stopping !== undefined) stopping.best = blocks("best");
  const kept = blocks("average") ?? { parameters: new Float64Array(), statistics: new Float64Array() };
  return {
    validation,
    stopping,
    plateau,
    average: average === undefined ? undefined : { ...average, read: () => kept },
  };
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
