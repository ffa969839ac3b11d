import { EnvironmentError, InternalError, ResourceError } from "../errors.js";
import { compile } from "./load.js";
import type { InitOutput as PlainOutput } from "./pkg/layerwise.js";
import { BUILD, type InitOutput, initSync } from "./pkg-threads/layerwise.js";
import { startWorker, type WorkerThread } from "./workers.js";

/** The kernels of one dtype. Arguments are byte offsets into the instance's memory, sizes and plain numbers. */
export type Kernels = ReturnType<typeof kernelsOf>;

function kernelsOf(wasm: InitOutput, type: "f32" | "f64") {
  return {
    panelWidth: wasm[`panel_width_${type}` as const],
    workspaceLength: wasm[`workspace_len_${type}` as const],
    denseForward: wasm[`dense_forward_${type}` as const],
    denseBackward: wasm[`dense_backward_${type}` as const],
    outputActivation: wasm[`output_activation_${type}` as const],
    binaryCrossEntropy: wasm[`binary_cross_entropy_${type}` as const],
    categoricalCrossEntropy: wasm[`categorical_cross_entropy_${type}` as const],
    binaryCorrect: wasm[`binary_correct_${type}` as const],
    categoricalCorrect: wasm[`categorical_correct_${type}` as const],
    sumOfSquares: wasm[`sum_of_squares_${type}` as const],
    largestMagnitude: wasm[`largest_magnitude_${type}` as const],
    magnitudeBound: wasm[`magnitude_bound_${type}` as const],
    firstNonFinite: wasm[`first_non_finite_${type}` as const],
    gradientDescent: wasm[`gradient_descent_${type}` as const],
    momentum: wasm[`momentum_${type}` as const],
    adam: wasm[`adam_${type}` as const],
    initialize: wasm[`initialize_${type}` as const],
    dropoutMask: wasm[`dropout_mask_${type}` as const],
    multiplyAddPeak: wasm[`multiply_add_peak_${type}` as const],
    matmulWorkspaceLength: wasm[`matmul_workspace_len_${type}` as const],
    matmul: wasm[`matmul_${type}` as const],
  };
}

export const SCRATCH_BYTES = 16_384;

/** What the allocator gives at most at a time: 2³¹ bytes less one, its end aligned to 64. */
const LARGEST_BLOCK = 2 ** 31 - 64;

/**
 * One instance of the WebAssembly build: its linear memory and its kernels. Networks share it; a trap
 * makes it unusable for all of them, and the next network gets a new one.
 */
export class Instance {
  readonly float32: Kernels;
  readonly float64: Kernels;
  /** order ← a permutation of 0 … m−1, as 32-bit integers. */
  readonly shuffle: (order: number, m: number, seed: number, epoch: number) => void;
  /**
   * to ← the rows `order` (so many of them, 32-bit integers) of the m rows `from`, each `width` words of 32
   * bits long. `to` must overlap nothing else.
   */
  readonly gather: (
    to: number,
    from: number,
    m: number,
    width: number,
    order: number,
    rows: number,
    threads: number,
  ) => void;
  /** Wakes the workers of so many threads for a kernel that is about to be called. */
  readonly rouse: (threads: number) => void;
  /** So many forks and joins in which each of so many threads takes a part. */
  readonly rendezvous: (turns: number, threads: number) => void;
  /** SHA-256 as the bytes come: start() → hash; finish(hash, digest) writes 32 bytes and ends it. */
  readonly sha256: {
    readonly start: () => number;
    readonly update: (hash: number, bytes: number, length: number) => void;
    readonly finish: (hash: number, digest: number) => void;
  };
  /** The offset of a block of {@link SCRATCH_BYTES}, for what lives no longer than a call. */
  readonly scratch: number;
  readonly #wasm: InitOutput;
  readonly #memory: WebAssembly.Memory;
  readonly #build: Build;
  /** The workers by their seats, 1, 2, …, those too that are starting; none in the build without threads. */
  readonly #workers = new Map<number, Promise<WorkerThread>>();
  #float32View: Float32Array = new Float32Array(0);
  #float64View: Float64Array = new Float64Array(0);
  #uint32View: Uint32Array = new Uint32Array(0);
  #fault: InternalError | undefined;
  #workerLost = false;

  /** Raises an error where the .wasm file and its glue come from different sources. */
  constructor(wasm: InitOutput, memory: WebAssembly.Memory, build: Build) {
    const number = wasm.build?.() >>> 0;
    if (number !== BUILD) throw new Error(`it is build ${number}, not ${BUILD}`);
    this.#wasm = wasm;
    this.#memory = memory;
    this.#build = build;
    this.float32 = kernelsOf(wasm, "f32");
    this.float64 = kernelsOf(wasm, "f64");
    this.shuffle = wasm.shuffle;
    this.gather = wasm.gather;
    this.rouse = wasm.rouse;
    this.rendezvous = wasm.rendezvous;
    this.scratch = this.allocate(SCRATCH_BYTES, "the instance's scratch memory");
    this.sha256 = { start: wasm.sha256_start, update: wasm.sha256_update, finish: wasm.sha256_finish };
  }

  /** Bytes of linear memory. */
  get memoryBytes(): number {
    return this.#memory.buffer.byteLength;
  }

  /** `bytes` bytes of any value, aligned to 64; raises {@link ResourceError} where memory can't grow. */
  allocate(bytes: number, what: string): number {
    // Beyond 2³² the kernel would see the size modulo 2³².
    const offset = bytes <= LARGEST_BLOCK ? this.#wasm.allocate(bytes) >>> 0 : 0;
    if (offset !== 0) return offset;
    const got =
      bytes > LARGEST_BLOCK
        ? `a limit of ${LARGEST_BLOCK} bytes a block (2 GiB)`
        : `no room (${this.memoryBytes} bytes are in use or reserved, of 4 GiB that WebAssembly can address)`;
    throw new ResourceError(what, `${bytes} bytes of WebAssembly memory`, got);
  }

  release(offset: number, bytes: number): void {
    if (this.#fault === undefined) this.#wasm.release(offset, bytes);
  }

  /** All of memory as numbers; index = byte offset / 4. Not to be kept: growth detaches it. */
  float32s(): Float32Array {
    if (this.#float32View.buffer !== this.#memory.buffer) {
      this.#float32View = new Float32Array(this.#memory.buffer);
    }
    return this.#float32View;
  }

  /** All of memory as numbers; index = byte offset / 8. Not to be kept: growth detaches it. */
  float64s(): Float64Array {
    if (this.#float64View.buffer !== this.#memory.buffer) {
      this.#float64View = new Float64Array(this.#memory.buffer);
    }
    return this.#float64View;
  }

  /** `length` bytes from `offset`. Not to be kept: growth detaches it. */
  bytes(offset: number, length: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, offset, length);
  }

  /** All of memory as 32-bit integers; index = byte offset / 4. Not to be kept: growth detaches it. */
  uint32s(): Uint32Array {
    if (this.#uint32View.buffer !== this.#memory.buffer) {
      this.#uint32View = new Uint32Array(this.#memory.buffer);
    }
    return this.#uint32View;
  }

  /** Raises the error of the trap that ended this instance, if one did. */
  checkUsable(): void {
    if (this.#fault !== undefined) throw this.#fault;
  }

  /**
   * What to throw for an error that came out of a kernel: a trap ends the instance and becomes an
   * {@link InternalError}; any other error stays as it is.
   */
  explain(error: unknown): unknown {
    if (!(error instanceof WebAssembly.RuntimeError)) return error;
    this.#workerLost = this.#wasm.worker_lost() !== 0;
    this.#fault ??= this.#workerLost
      ? new InternalError("threads", "workers that live as long as their network", KILLED, { cause: error })
      : new InternalError("WebAssembly", "kernels that don't trap (please report this)", trapped(error), {
          cause: error,
        });
    this.#build.ready = undefined;
    for (const worker of this.#workers.values()) {
      worker.then(
        (thread) => thread.terminate(),
        () => undefined, // It didn't start.
      );
    }
    return this.#fault;
  }

  /** Whether memory can still be read: it is whole, but for the network that was computing at the end. */
  get readable(): boolean {
    return this.#fault === undefined || this.#workerLost;
  }

  /** Starts the workers that so many threads need and that are missing. Rejects with the reason if one doesn't start. */
  async ensureThreads(threads: number, module: WebAssembly.Module): Promise<void> {
    const seats = Array.from({ length: threads - 1 }, (_, i) => i + 1);
    const workers = await Promise.allSettled(seats.map((seat) => this.#worker(seat, module)));
    const failed = workers.find((start) => start.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }

  #worker(seat: number, module: WebAssembly.Module): Promise<WorkerThread> {
    const present = this.#workers.get(seat);
    if (present !== undefined) return present;
    const leave = () => this.#workers.delete(seat);
    const worker = startWorker(module, this.#memory, seat, leave);
    this.#workers.set(seat, worker);
    worker.catch(leave);
    return worker;
  }
}

const KILLED =
  "one that was killed in the middle of a step: a new createNetwork works, and parameters() of the networks " +
  "that weren't computing still gives theirs";

function trapped(error: WebAssembly.RuntimeError): string {
  return `${error.message}: this network is lost; a new createNetwork works`;
}

/** One .wasm file and the instance of it that networks share, made when it is first asked for. */
interface Build {
  ready: Promise<{ readonly instance: Instance; readonly module: WebAssembly.Module }> | undefined;
}

const plain: Build = { ready: undefined };
const withThreads: Build = { ready: undefined };

/** The instance for one thread. Rejects with EnvironmentError. */
export async function sharedInstance(): Promise<Instance> {
  const url = new URL("./pkg/layerwise_bg.wasm", import.meta.url);
  return (await ready(plain, url, instantiate)).instance;
}

/** The instance with so many threads or more. Rejects with EnvironmentError, or where a worker can't start. */
export async function threadedInstance(threads: number): Promise<Instance> {
  const url = new URL("./pkg-threads/layerwise_bg.wasm", import.meta.url);
  const { instance, module } = await ready(withThreads, url, instantiateShared);
  await instance.ensureThreads(threads, module);
  return instance;
}

type Instantiate = (module: WebAssembly.Module, build: Build) => Instance;

function ready(build: Build, url: URL, instantiate: Instantiate): NonNullable<Build["ready"]> {
  if (build.ready === undefined) {
    const promise = compile(url).then((module) => {
      try {
        return { module, instance: instantiate(module, build) };
      } catch (cause) {
        throw new EnvironmentError(url.href, "the build that belongs to its glue", String(cause), { cause });
      }
    });
    build.ready = promise;
    // A failure is told to this caller and not kept: the next call tries again.
    promise.catch(() => {
      if (build.ready === promise) build.ready = undefined;
    });
  }
  return build.ready;
}

/** The glue of the build with threads serves both: it only offers the module a memory besides. */
function instantiate(module: WebAssembly.Module, build: Build): Instance {
  const unused = new WebAssembly.Memory({ initial: 0 });
  const wasm: InitOutput & Partial<Pick<PlainOutput, "memory">> = initSync({ module, memory: unused });
  if (wasm.memory === undefined) throw new Error("it exports no memory");
  return new Instance(wasm, wasm.memory, build);
}

function instantiateShared(module: WebAssembly.Module, build: Build): Instance {
  const memory = new WebAssembly.Memory({ initial: FIRST_PAGES, maximum: MOST_PAGES, shared: true });
  return new Instance(initSync({ module, memory }), memory, build);
}

/** Pages of 64 KiB: what the build's own data and stack need, with some room, and all that 32 bits address. */
const FIRST_PAGES = 64;
const MOST_PAGES = 65_536;
