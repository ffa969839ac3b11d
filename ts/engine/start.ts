import type { Dtype } from "../config/dtype.js";
import { ConfigError, describe, EnvironmentError, InternalError } from "../errors/errors.js";
import { environmentVariable } from "../platform/environment-variable.js";
import { messageOf } from "../platform/realm.js";
import { warnOnce } from "../platform/warning.js";
import type { Engine, Runtime } from "./engine.js";
import { checkMath, type MathName } from "./math.js";
import { nativeEngine } from "./native/native-engine.js";
import { checkThreads, chooseThreads, type Threads } from "./threads.js";
import {
  type Kernels,
  readiestKernels,
  sharedInstance,
  sharedInstanceNow,
  threadedInstance,
} from "./wasm/builds.js";
import { BUILD } from "./wasm/instance.js";
import { whyNotFast } from "./wasm/relaxed.js";
import { WasmEngine } from "./wasm/wasm-engine.js";
import { whyNoWorkers } from "./wasm/workers.js";

/** `"auto"`: the native engine where it is installed and loads, else WebAssembly. */
export type EngineName = "auto" | "wasm" | "native";

const ENGINES: readonly unknown[] = ["auto", "wasm", "native"] satisfies EngineName[];

/** Where it is set, what `"auto"` means. */
const VARIABLE = "LAYERWISE_ENGINE";

/** What a network is to be computed by. */
export interface Compute {
  readonly engine: EngineName;
  readonly threads: Threads;
  readonly math: MathName;
}

/** Checks the options of {@link Compute}; undefined is "auto", or "exact". Raises ConfigError. */
export function checkCompute(given: { readonly [Name in keyof Compute]?: unknown }): Compute {
  const { engine, threads, math } = given;
  return { engine: checkEngine("engine", engine), threads: checkThreads(threads), math: checkMath(math) };
}

function checkEngine(place: string, engine: unknown): EngineName {
  if (engine === undefined) return "auto";
  if (isEngine(engine)) return engine;
  throw new ConfigError(place, 'one of "auto", "wasm", "native"', describe(engine));
}

function isEngine(engine: unknown): engine is EngineName {
  return ENGINES.includes(engine);
}

/**
 * An engine of one thread for what belongs to no network, and on whose number type and math nothing depends: that which is
 * there, or will be wanted next. Rejects as {@link startEngine} does.
 */
export function sharedEngine(dtype?: Dtype, math?: MathName): Promise<Engine> {
  const backendReason = "it belongs to no network";
  const ready = dtype === undefined ? readiestKernels() : dtype;
  const [type, asked] = ready === "fast" ? (["float32", "fast"] as const) : [ready, math ?? "exact"];
  return byMath(asked, type, (kernels, said) =>
    wasmOnOne(kernels, backendReason, { backendReason, ...said }),
  );
}

/**
 * An engine of this number type without a promise, for what compares a network with one of another: `present`, the
 * network's, where it has this type too. Raises EnvironmentError where it can't be had at once.
 */
export function engineNow(dtype: Dtype, present: Engine): Engine {
  if (present.dtypes.includes(dtype)) return present;
  const reason = `its network has an engine of ${present.dtypes}`;
  return new WasmEngine(
    sharedInstanceNow(dtype),
    runtimeOf(1, reason, { backendReason: reason, math: "exact", mathReason: reason }),
  );
}

/**
 * The engine for a network of this number type, whose largest layer has so many weights. Where it isn't the number of threads that was asked
 * for or chosen, a warning says so. Rejects with EnvironmentError, ResourceError or InternalError.
 */
export async function startEngine(
  { engine, threads, math }: Compute,
  dtype: Dtype,
  largest: number,
): Promise<Engine> {
  const variable = engine === "auto" ? environmentVariable(VARIABLE) : undefined;
  const asked = variable === undefined ? engine : checkEngine(VARIABLE, variable);
  const place = variable === undefined ? "engine" : VARIABLE;
  const wasm = async (backendReason: string) => {
    const engine = await byMath(math, dtype, (kernels, said) =>
      startWasm(threads, kernels, largest, { backendReason, ...said }),
    );
    const { math: found, mathReason } = engine.runtime;
    if (found !== math) warnOnce(`math is "${found}" in place of "${math}": ${mathReason}`);
    return engine;
  };
  if (asked === "wasm") return wasm(`${place} is "wasm"`);
  try {
    const reason = asked === "auto" ? "@layerwise/native is installed" : `${place} is "native"`;
    return await nativeEngine(BUILD, await chooseThreads(threads, largest), reason, math);
  } catch (cause) {
    if (cause instanceof InternalError) throw cause;
    if (asked === "auto") return wasm(messageOf(cause));
    throw new ConfigError(place, "an engine that is here", `"native": ${messageOf(cause)}`, { cause });
  }
}

/** What a runtime says besides its threads. */
type Said = Pick<Runtime, "backendReason" | "math" | "mathReason">;

/** An engine of kernels of the math that was asked for, or exact ones where that can't be had; with the reason. */
async function byMath(
  asked: MathName,
  dtype: Dtype,
  start: (kernels: Kernels, said: Pick<Runtime, "math" | "mathReason">) => Promise<Engine>,
): Promise<Engine> {
  const said = { math: asked, mathReason: `math is "${asked}"` };
  if (asked === "exact") return start(dtype, said);
  const obstacle = whyNotFast(dtype);
  if (obstacle !== undefined) return start(dtype, { math: "exact", mathReason: obstacle });
  try {
    return await start("fast", said);
  } catch (error) {
    if (error instanceof InternalError) throw error;
    return start(dtype, { math: "exact", mathReason: messageOf(error) }).catch((cause: unknown) => {
      throw cause instanceof EnvironmentError ? error : cause; // Where no file is there, what was asked for is named.
    });
  }
}

async function startWasm(asked: Threads, kernels: Kernels, largest: number, said: Said): Promise<Engine> {
  const { threads, reason } = await chooseWasmThreads(asked, largest);
  if (threads === 1) return wasmOnOne(kernels, reason, said);
  const obstacle = whyNoWorkers();
  if (obstacle !== undefined) return fallBack(kernels, threads, obstacle, said);
  try {
    const instance = await threadedInstance(kernels, threads);
    return new WasmEngine(instance, runtimeOf(threads, reason, said));
  } catch (error) {
    if (error instanceof InternalError) throw error;
    return fallBack(kernels, threads, messageOf(error), said);
  }
}

/** With "auto", where there are no workers, it is one thread, and that is no surprise. */
async function chooseWasmThreads(asked: Threads, largest: number) {
  const obstacle = asked === "auto" ? whyNoWorkers() : undefined;
  return obstacle === undefined ? chooseThreads(asked, largest) : { threads: 1, reason: obstacle };
}

async function wasmOnOne(kernels: Kernels, reason: string, said: Said): Promise<Engine> {
  return new WasmEngine(await sharedInstance(kernels), runtimeOf(1, reason, said));
}

/** Fewer threads than were wanted are no error, but nobody should have to look for them. */
async function fallBack(kernels: Kernels, threads: number, reason: string, said: Said): Promise<Engine> {
  const engine = await wasmOnOne(kernels, reason, said);
  warnOnce(`one thread in place of ${threads}: ${reason}`);
  return engine;
}

function runtimeOf(threads: number, reason: string, { backendReason, math, mathReason }: Said): Runtime {
  const instructionSet = "simd128";
  return Object.freeze({
    backend: "wasm",
    instructionSet,
    threads,
    simd: true,
    reason,
    backendReason,
    math,
    mathReason,
  });
}
