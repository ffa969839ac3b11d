import { InternalError } from "../errors/errors.js";
import { Breath, breathing } from "../platform/breath.js";
import { messageOf } from "../platform/realm.js";
import { warn } from "../platform/warning.js";
import type { Optimizer } from "../training/optimizer.js";
import { type Lender, Loan } from "./loan.js";
import type { Method, Outcome, Packed, Reference, Report, Request } from "./messages.js";
import { type Parcel, pack } from "./pack.js";
import { startThread, type Thread } from "./thread.js";
import { type Receiver, unpack } from "./unpack.js";

/** Packing holds the caller's event loop this long at a time, in milliseconds. */
const LONGEST_HOLD = 1;

/** A call that the worker hasn't answered. */
interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly loan: Loan;
  /** Whose call it is: not collected, and its worker not ended, while it waits. */
  readonly owner: object;
}

/** A value that is kept for the worker, and the loan that it belongs to. */
interface Kept {
  readonly value: unknown;
  readonly loan: Loan;
}

type Unsent = { readonly message: Request; readonly transfer: ArrayBuffer[] };

/** The caller's end of a worker: sends calls in their order, and answers what the worker asks meanwhile. */
export class Link implements Lender, Receiver {
  /** The network's steps as the worker last told them. */
  steps = 0;
  readonly #thread: Promise<Thread>;
  readonly #pending = new Map<number, Pending>();
  readonly #kept = new Map<number, Kept>();
  readonly #optimizerIds = new WeakMap<Optimizer, number>();
  readonly #optimizers = new Map<number, WeakRef<Optimizer>>();
  readonly #collected = new FinalizationRegistry<number>((id) => this.#forget(id));
  #nextId = 1;
  /** All that was sent before is sent when this resolves. */
  #sent: Promise<void> = Promise.resolve();
  #end: Error | undefined;
  #isClosing = false;

  constructor() {
    this.#thread = startThread(
      (report) => this.#receive(report as Report),
      (reason) => this.#fail(diedOf(reason)),
    );
    this.#thread.then(
      (thread) => thread.hold(this.#pending.size > 0),
      (error) => this.#fail(error),
    );
  }

  /** Whether the worker ended by itself. */
  get isDead(): boolean {
    return this.#end !== undefined;
  }

  /** Calls the worker's network. The arguments are read at once, or if that takes long, in several turns. */
  async request(
    method: Method | "layer" | "create" | "load",
    args: readonly unknown[],
    owner: object,
  ): Promise<unknown> {
    if (this.#end !== undefined) throw this.#end;
    const call = this.#nextId++;
    const loan = new Loan(this);
    const packing = breathing(pack(args, loan), new Breath(LONGEST_HOLD));
    const done = new Promise<unknown>((resolve, reject) => {
      this.#hold({ resolve, reject, loan, owner }, call);
    });
    this.#send(
      packing.then(({ packed, transfer }) => ({
        message:
          method === "create" || method === "load"
            ? { type: method, call, args: packed }
            : { type: "call", call, method, args: packed },
        transfer,
      })),
      (error) => this.#settle(call, (pending) => pending.reject(error)),
    );
    return done;
  }

  /** Ends the worker once nothing is pending. */
  close(): void {
    this.#isClosing = true;
    if (this.#pending.size === 0) this.terminate();
  }

  /** Ends the worker. */
  terminate(): void {
    this.#thread.then((thread) => thread.terminate()).catch(() => {}); // Or it never started.
  }

  keep(value: unknown, loan: Loan): number {
    const id = this.#nextId++;
    this.#kept.set(id, { value, loan });
    return id;
  }

  drop(id: number): void {
    this.#kept.delete(id);
  }

  optimizerId(optimizer: Optimizer): number {
    optimizer.lend(this);
    const known = this.#optimizerIds.get(optimizer);
    if (known !== undefined) return known;
    const id = this.#nextId++;
    this.#optimizerIds.set(optimizer, id);
    this.#optimizers.set(id, new WeakRef(optimizer));
    this.#collected.register(optimizer, id);
    return id;
  }

  abort(signal: number, reason: () => Packed): void {
    this.#sendNow(() => ({ type: "abort", signal, reason: reason() }));
  }

  resolve(reference: Reference): unknown {
    return reference.kind === "yours" ? this.#kept.get(reference.id)?.value : undefined;
  }

  #forget(optimizer: number): void {
    this.#optimizers.delete(optimizer);
    this.#sendNow(() => ({ type: "forget", optimizer }));
  }

  #sendNow(message: () => Request): void {
    if (this.#end === undefined) this.#send(Promise.resolve({ message: message(), transfer: [] }), () => {});
  }

  /** Posts it when it is packed and all before it is posted. */
  #send(unsent: Promise<Unsent>, onFailure: (error: unknown) => void): void {
    const before = this.#sent;
    this.#sent = (async () => {
      try {
        const { message, transfer } = await unsent;
        const thread = await this.#thread;
        await before;
        thread.post(message, transfer);
      } catch (error) {
        onFailure(error);
      }
      await before; // One that can't be sent holds its place.
    })();
  }

  #hold(pending: Pending, call: number): void {
    this.#pending.set(call, pending);
    if (this.#pending.size === 1) this.#thread.then((it) => it.hold(this.#pending.size > 0)).catch(() => {});
  }

  #settle(call: number, how: (pending: Pending) => void): void {
    const pending = this.#pending.get(call);
    if (pending === undefined) return;
    this.#pending.delete(call);
    how(pending);
    pending.loan.end();
    for (const optimizer of pending.loan.optimizers) this.#giveBack(optimizer);
    if (this.#pending.size > 0) return;
    this.#thread.then((it) => it.hold(this.#pending.size > 0)).catch(() => {});
    if (this.#isClosing) this.terminate();
  }

  /** One that was used for nothing is anybody's. */
  #giveBack(optimizer: Optimizer): void {
    const isUsed = [...this.#pending.values()].some(({ loan }) => loan.optimizers.includes(optimizer));
    if (!isUsed && optimizer.steps === 0) optimizer.giveBack();
  }

  #receive(report: Report): void {
    this.steps = report.steps;
    for (const [id, steps] of report.optimizers) this.#optimizers.get(id)?.deref()?.follow(steps);
    if (report.type === "warning") warn(report.text);
    else if (report.type === "invoke") void this.#invoke(report);
    else this.#done(report);
  }

  #done(report: Extract<Report, { type: "done" }>): void {
    this.#settle(report.call, ({ resolve, reject }) => {
      if (report.ok) resolve(unpack(report.value, this));
      else reject(unpack(report.error, this));
    });
  }

  /** Calls a function of the caller's for the worker. */
  async #invoke({ invocation, callee, args }: Extract<Report, { type: "invoke" }>): Promise<void> {
    const kept = this.#kept.get(callee);
    if (kept === undefined) return; // Its call has ended: nobody waits for the answer.
    // It takes its place when it is there: an abort that comes before it is heard before it.
    const { transfer, ...answer } = await this.#outcomeOf(kept, unpack(args, this));
    const message: Request = { type: "answer", invocation, ...answer };
    this.#send(Promise.resolve({ message, transfer }), () => {});
  }

  async #outcomeOf({ value, loan }: Kept, args: unknown): Promise<Outcome & { transfer: ArrayBuffer[] }> {
    try {
      if (typeof value !== "function" || !Array.isArray(args)) throw new TypeError("expected a function");
      const result: unknown = await Reflect.apply(value, undefined, args);
      const { packed, transfer }: Parcel = await breathing(pack(result, loan), new Breath(LONGEST_HOLD));
      return { ok: true, value: packed, transfer };
    } catch (error) {
      return { ok: false, error: loan.packKept(error), transfer: [] };
    }
  }

  /** All that waits, and all later calls, end in this error. */
  #fail(error: Error): void {
    if (this.#end !== undefined) return;
    this.#end = error;
    this.terminate();
    for (const call of [...this.#pending.keys()]) this.#settle(call, ({ reject }) => reject(error));
  }
}

function diedOf(reason: unknown): InternalError {
  const got = typeof reason === "string" ? reason : messageOf(reason);
  return new InternalError("worker", "one that lives until dispose", got, { cause: reason });
}
