import type { Job as BullJob, Queue, QueueEvents } from "bullmq";

/** Milliseconds between two looks at jobs that are waited for: events are quicker, but may be missed. */
const BETWEEN_LOOKS = 2000;

/** Failed for good, as BullMQ's record of it says. */
export class JobFailed extends Error {}

interface Waiting {
  readonly add: () => Promise<void>;
  readonly onProgress: ((progress: unknown) => void) | undefined;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export interface WatchOptions {
  readonly queue: Queue;
  readonly events: QueueEvents;
  /** Called before jobs that the server lost are put there again. */
  readonly onLost: () => Promise<void>;
}

/**
 * Waits for jobs to end, by BullMQ's events and, since a server may restart or begin anew between two of them, by looking at each job
 * now and then. One that the server doesn't know any more is added again.
 */
export class JobWatch {
  readonly #queue: Queue;
  readonly #onLost: () => Promise<void>;
  readonly #waiting = new Map<string, Waiting>();
  readonly #timer: NodeJS.Timeout;
  #isLooking = false;

  constructor({ queue, events, onLost }: WatchOptions) {
    this.#queue = queue;
    this.#onLost = onLost;
    events.on("completed", ({ jobId, returnvalue }) => this.#complete(jobId, returnvalue));
    events.on("failed", ({ jobId, failedReason }) => void this.#fail(jobId, failedReason).catch(() => {}));
    events.on("duplicated", ({ jobId }) => void this.#lookAt(jobId).catch(() => {})); // It was there, and may be done.
    events.on("progress", ({ jobId, data }) => this.#waiting.get(jobId)?.onProgress?.(data));
    this.#timer = setInterval(() => void this.#look(), BETWEEN_LOOKS);
  }

  /** Adds a job by `add` and resolves to what it returns. Rejects with JobFailed, and with the signal's reason. */
  async result(
    id: string,
    add: () => Promise<void>,
    { signal, onProgress }: { signal?: AbortSignal; onProgress?: (progress: unknown) => void } = {},
  ): Promise<unknown> {
    signal?.throwIfAborted();
    let abort: (() => void) | undefined;
    const ended = new Promise<unknown>((resolve, reject) => {
      this.#waiting.set(id, { add, onProgress, resolve, reject });
      abort = () => {
        this.#waiting.delete(id);
        reject(signal?.reason);
        // What has begun ends, and its result stays for whoever asks again.
        void this.#queue.remove(id, { removeChildren: true }).catch(() => {});
      };
      signal?.addEventListener("abort", abort, { once: true });
    });
    try {
      ended.catch(() => {});
      await add();
      return await ended;
    } finally {
      this.#waiting.delete(id);
      if (abort !== undefined) signal?.removeEventListener("abort", abort);
    }
  }

  close(error: unknown): void {
    clearInterval(this.#timer);
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      const ids = [...this.#waiting.keys()];
      const missing: string[] = [];
      for (const id of ids) if (!(await this.#lookAt(id))) missing.push(id);
      const lost = missing.filter((id) => this.#waiting.has(id));
      if (lost.length > 0) await this.#onLost();
      for (const id of lost) await this.#waiting.get(id)?.add();
    } catch {
      // The server is away: the next look comes.
    } finally {
      this.#isLooking = false;
    }
  }

  /** Whether the server knows the job. */
  async #lookAt(id: string): Promise<boolean> {
    const job: BullJob | undefined = await this.#queue.getJob(id);
    if (job === undefined) return false;
    if (job.finishedOn === undefined) return true;
    if (job.failedReason) await this.#fail(id, job.failedReason);
    else this.#complete(id, job.returnvalue);
    return true;
  }

  #complete(id: string, value: unknown): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.resolve(value);
  }

  /** Takes the record away, so that the same job can be added again. */
  async #fail(id: string, reason: string): Promise<void> {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    try {
      await this.#queue.remove(id, { removeChildren: true });
    } finally {
      waiting.reject(new JobFailed(reason));
    }
  }
}
