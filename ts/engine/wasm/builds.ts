import type { Dtype } from "../../config/dtype.js";
import { EnvironmentError, InternalError, LayerwiseError, ResourceError } from "../../errors/errors.js";
import type { BuildFile } from "./beside.js";
import { compileNow } from "./compile-now.js";
import { inUse, isGiven } from "./configuration.js";
import { type Instance, instantiate, instantiateShared } from "./instance.js";
import { type Compiled, compile, compileSource } from "./load.js";
import { NAMES } from "./locate.js";

/** Of a build: memory of its own, or shared memory, without which there are no workers. */
type MemoryKind = "own memory" | "shared memory";

/** What a build computes: a number type by exact math, or float32 by fast math. */
export type Kernels = Dtype | "fast";

/** One .wasm file and the instance of it that networks share, made when it is first asked for. */
class Build {
  readonly file: BuildFile;
  readonly #kernels: Kernels;
  readonly #memory: MemoryKind;
  /** Kept when the instance is lost: what it was made of may be had only once. */
  #compiled: Promise<Compiled> | undefined;
  #ready: Promise<Instance> | undefined;
  #instance: Instance | undefined;

  constructor(file: BuildFile, kernels: Kernels, memory: MemoryKind) {
    this.file = file;
    this.#kernels = kernels;
    this.#memory = memory;
  }

  /** Its instance, if there is one that can be used. */
  get usable(): Instance | undefined {
    return this.#instance?.lost === false ? this.#instance : undefined;
  }

  /** Whether it is there or on its way. */
  get isWanted(): boolean {
    return this.#ready !== undefined;
  }

  /** Its instance, a new one where there is none that can be used. Rejects as {@link sharedInstance} does. */
  instance(): Promise<Instance> {
    if (this.#instance?.lost) {
      this.#instance = undefined;
      this.#ready = undefined;
    }
    return this.#ready ?? this.#make();
  }

  /** Its instance, made anew of this module. Raises what {@link sharedInstance} rejects with. */
  instanceNow(compiled: Compiled): Instance {
    const instance = made(compiled, this.#kernels, this.#memory, this.file);
    inUse.add(this.file);
    this.#compiled = Promise.resolve(compiled);
    this.#ready = Promise.resolve(instance);
    this.#instance = instance;
    return instance;
  }

  #make(): Promise<Instance> {
    inUse.add(this.file);
    this.#compiled ??= compile(this.file);
    const ready = this.#compiled.then((compiled) => made(compiled, this.#kernels, this.#memory, this.file));
    this.#ready = ready;
    // A failure is told to this caller and not kept: the next call tries again.
    ready.then(
      (instance) => {
        if (this.#ready === ready) this.#instance = instance;
      },
      (error: unknown) => {
        if (this.#ready !== ready) return;
        this.#ready = undefined;
        if (error instanceof ResourceError) return;
        this.#compiled = undefined;
        inUse.delete(this.file);
      },
    );
    return ready;
  }
}

/** The builds of the same kernels: for one thread, and with threads. Pure: a page that makes no network leaves them out. */
const BUILDS: Readonly<Record<Kernels, { readonly one: Build; readonly threads: Build }>> = {
  float32: {
    one: /* @__PURE__ */ new Build("wasm", "float32", "own memory"),
    threads: /* @__PURE__ */ new Build("threadsWasm", "float32", "shared memory"),
  },
  float64: {
    one: /* @__PURE__ */ new Build("float64Wasm", "float64", "own memory"),
    threads: /* @__PURE__ */ new Build("float64ThreadsWasm", "float64", "shared memory"),
  },
  fast: {
    one: /* @__PURE__ */ new Build("fastWasm", "fast", "own memory"),
    threads: /* @__PURE__ */ new Build("fastThreadsWasm", "fast", "shared memory"),
  },
};

/** The instance for one thread. Rejects with EnvironmentError, or ResourceError where it gets no memory. */
export async function sharedInstance(kernels: Kernels): Promise<Instance> {
  const { one, threads } = BUILDS[kernels];
  try {
    return await one.instance();
  } catch (error) {
    // The other build computes the same on one thread, and its memory may be there already.
    if (error instanceof ResourceError && threads.usable !== undefined) return threads.usable;
    throw error;
  }
}

/**
 * The instance with `threads` or more. Rejects with EnvironmentError, with ResourceError where it gets no
 * memory, or where a worker can't start.
 */
export async function threadedInstance(kernels: Kernels, threads: number): Promise<Instance> {
  const instance = await BUILDS[kernels].threads.instance();
  await instance.ensureThreads(threads);
  return instance;
}

/**
 * The instance for one thread without a promise. Raises EnvironmentError where it isn't there and can't be had at once, or
 * ResourceError.
 */
export function sharedInstanceNow(dtype: Dtype): Instance {
  const { one, threads } = BUILDS[dtype];
  return one.usable ?? threads.usable ?? one.instanceNow(compileNow(one.file));
}

/** The kernels by whose build to do what needs none of them: those that are there anyway, or can be had. */
export function readiestKernels(): Kernels {
  const all = Object.keys(BUILDS) as Kernels[];
  const wanted = all.find((kernels) => BUILDS[kernels].one.isWanted || BUILDS[kernels].threads.isWanted);
  return wanted ?? all.find((kernels) => isGiven(BUILDS[kernels].one.file)) ?? "float32";
}

/** A new instance of the .wasm file there, which is of this kind. Rejects as {@link sharedInstance} does. */
export async function makeInstance(url: URL, kernels: Kernels, memory: MemoryKind): Promise<Instance> {
  const { one, threads } = BUILDS[kernels];
  const { file } = memory === "own memory" ? one : threads;
  return made(await compileSource(file, url.href), kernels, memory, file);
}

/** An instance of the module; failures as errors of ours. */
function made({ module, place }: Compiled, kernels: Kernels, memory: MemoryKind, file: BuildFile): Instance {
  try {
    const instance = memory === "own memory" ? instantiate(module) : instantiateShared(module);
    checkKernels(instance, kernels, place, NAMES[file]);
    return instance;
  } catch (cause) {
    if (cause instanceof LayerwiseError) throw cause;
    if (cause instanceof RangeError) {
      const got = `none (${cause.message})`;
      throw new ResourceError(place, "addresses for WebAssembly memory", got, { cause });
    }
    if (cause instanceof WebAssembly.RuntimeError) {
      throw new InternalError(place, "a build that starts", cause.message, { cause });
    }
    throw new EnvironmentError(place, "the build that belongs to its glue", String(cause), { cause });
  }
}

/** Raises EnvironmentError where an instance has other kernels than the file of this name. */
function checkKernels({ dtypes, roundsOnce }: Instance, kernels: Kernels, place: string, name: string): void {
  const dtype = kernels === "fast" ? "float32" : kernels;
  if (!dtypes.includes(dtype))
    throw new EnvironmentError(place, `kernels of ${dtype} (${name})`, `those of ${dtypes}`);
  const [math, got] = kernels === "fast" ? ["fast", "exact"] : ["exact", "fast"];
  if ((roundsOnce === undefined) !== (math === "exact"))
    throw new EnvironmentError(place, `kernels of ${math} math (${name})`, `those of ${got} math`);
  if (roundsOnce === false)
    throw new EnvironmentError(place, "WebAssembly that multiplies and adds in one rounding", "one without");
}
