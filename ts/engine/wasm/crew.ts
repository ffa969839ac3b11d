import { startWorker, type WorkerThread } from "./workers.js";

/** Bytes of a worker's stack, with its thread-local storage at the beginning: kernels keep little there. */
const STACK_BYTES = 1 << 18;

/** Where workers find their stacks. */
export interface StackMemory {
  allocate(bytes: number, what: string): number;
  release(offset: number, bytes: number): void;
}

/**
 * The workers of an instance by their seats, 1, 2, …, those too that are starting. No worker allocates or makes
 * memory grow: all that one needs is there before it is told to start, and what it is given later it gets with a job
 * (`see_memory` in crate/src/threads/park/wasm.rs).
 */
export class Crew {
  readonly #seats = new Map<number, Promise<WorkerThread>>();
  readonly #module: WebAssembly.Module;
  readonly #memory: WebAssembly.Memory;

  constructor(module: WebAssembly.Module, memory: WebAssembly.Memory) {
    this.#module = module;
    this.#memory = memory;
  }

  /** Starts those that `threads` need and that are missing. Rejects with the reason if one doesn't start. */
  async ensure(threads: number, stacks: StackMemory): Promise<void> {
    const seats = Array.from({ length: threads - 1 }, (_, i) => i + 1);
    const workers = await Promise.allSettled(seats.map(async (seat) => this.#worker(seat, stacks)));
    const failed = workers.find((start) => start.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }

  /** Ends all workers. */
  terminate(): void {
    for (const worker of this.#seats.values()) {
      worker.then(
        (thread) => thread.terminate(),
        () => undefined, // It didn't start.
      );
    }
  }

  #worker(seat: number, stacks: StackMemory): Promise<WorkerThread> {
    const present = this.#seats.get(seat);
    if (present !== undefined) return present;
    const stack = stacks.allocate(STACK_BYTES, "the stack of a worker");
    const start = { module: this.#module, memory: this.#memory, seat, stack, stackBytes: STACK_BYTES };
    let worker: Promise<WorkerThread> | undefined; // Its end may come before startWorker returns.
    const leave = () => {
      if (this.#seats.get(seat) === worker) this.#seats.delete(seat);
    };
    worker = startWorker(start, () => {
      leave();
      stacks.release(stack, STACK_BYTES);
    });
    this.#seats.set(seat, worker);
    worker.catch(leave);
    return worker;
  }
}
