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

/** One .wasm file and the instance of it that networks share, made when it is first asked for. */
class Build {
  readonly file: BuildFile;
  readonly #dtype: Dtype;
  readonly #memory: MemoryKind;
  /** Kept when the instance is lost: what it was made of may be had only once. */
  #compiled: Promise<Compiled> | undefined;
  #ready: Promise<Instance> | undefined;
  #instance: Instance | undefined;

  constructor(file: BuildFile, dtype: Dtype, memory: MemoryKind) {
    this.file = file;
    this.#dtype = dtype;
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
    const instance = made(compiled, this.#dtype, this.#memory, this.file);
    inUse.add(this.file);
    this.#compiled = Promise.resolve(compiled);
    this.#ready = Promise.resolve(instance);
    this.#instance = instance;
    return instance;
  }

  #make(): Promise<Instance> {
    inUse.add(this.file);
    this.#compiled ??= compile(this.file);
    const ready = this.#compiled.then((compiled) => made(compiled, this.#dtype, this.#memory, this.file));
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

/** The builds of a number type: for one thread, and with threads. Pure: a page that makes no network leaves them out. */
const BUILDS: Readonly<Record<Dtype, { readonly one: Build; readonly threads: Build }>> = {
  float32: {
    one: /* @__PURE__ */ new Build("wasm", "float32", "own memory"),
    threads: /* @__PURE__ */ new Build("threadsWasm", "float32", "shared memory"),
  },
  float64: {
    one: /* @__PURE__ */ new Build("float64Wasm", "float64", "own memory"),
    threads: /* @__PURE__ */ new Build("float64ThreadsWasm", "float64", "shared memory"),
  },
};

/** The instance for one thread. Rejects with EnvironmentError, or ResourceError where it gets no memory. */
export async function sharedInstance(dtype: Dtype): Promise<Instance> {
  const { one, threads } = BUILDS[dtype];
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
export async function threadedInstance(dtype: Dtype, threads: number): Promise<Instance> {
  const instance = await BUILDS[dtype].threads.instance();
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

/** The number type by whose build to do what belongs to none: the one that is there anyway, or can be had. */
export function readiestDtype(): Dtype {
  const isWanted = ({ one, threads }: (typeof BUILDS)[Dtype]) => one.isWanted || threads.isWanted;
  if (isWanted(BUILDS.float32)) return "float32";
  const isOther = isWanted(BUILDS.float64) || (isGiven("float64Wasm") && !isGiven("wasm"));
  return isOther ? "float64" : "float32";
}

/** A new instance of the .wasm file there, which is of this kind. Rejects as {@link sharedInstance} does. */
export async function makeInstance(url: URL, dtype: Dtype, memory: MemoryKind): Promise<Instance> {
  const { one, threads } = BUILDS[dtype];
  const { file } = memory === "own memory" ? one : threads;
  return made(await compileSource(file, url.href), dtype, memory, file);
}

/** An instance of the module; failures as errors of ours. */
function made({ module, place }: Compiled, dtype: Dtype, memory: MemoryKind, file: BuildFile): Instance {
  try {
    const instance = memory === "own memory" ? instantiate(module) : instantiateShared(module);
    if (instance.dtypes.includes(dtype)) return instance;
    throw new EnvironmentError(place, `kernels of ${dtype} (${NAMES[file]})`, `those of ${instance.dtypes}`);
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
