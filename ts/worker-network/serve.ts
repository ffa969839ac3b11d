import { configure } from "../engine/wasm/configuration.js";
import { createNetwork } from "../network/create-network.js";
import type { ComputeOptions } from "../network/create-options.js";
import { loadNetwork } from "../network/load-network.js";
import type { Network } from "../network/network.js";
import { type TransferOptions, transfer } from "../network/transfer.js";
import { atOnce } from "../platform/breath.js";
import { inNode, nodeModule } from "../platform/node-module.js";
import { redirectWarnings } from "../platform/warning.js";
import { Optimizer } from "../training/optimizer.js";
import type { Facts, Method, Outcome, Packed, Reference, Report, Request } from "./messages.js";
import { pack, type Sender } from "./pack.js";
import { type Receiver, unpack } from "./unpack.js";

type Post = (message: Report | "ready", transfer: ArrayBuffer[]) => void;
type Unfinished<T> = T extends unknown ? Omit<T, "steps" | "optimizers"> : never;
type Sent = Outcome & { readonly transfer: ArrayBuffer[] };

/** The worker's side: one network, and the calls of its caller. */
export async function serve(): Promise<void> {
  if (inNode()) {
    const threads: typeof import("node:worker_threads") = await nodeModule("node:worker_threads");
    const port = threads.parentPort;
    const host = new Host((message, transfer) => port?.postMessage(message, transfer));
    port?.on("message", (request: Request) => host.receive(request));
    return;
  }
  const host = new Host((message, transfer) => postMessage(message, { transfer }));
  globalThis.onmessage = ({ data }: MessageEvent<Request>) => host.receive(data);
}

/** The network of these bytes, or what `transfer` makes of it. */
async function loaded(bytes: Uint8Array, compute: ComputeOptions, options?: TransferOptions) {
  const network = await loadNetwork(bytes, compute);
  if (options === undefined) return network;
  try {
    return await transfer(network, options);
  } finally {
    network.dispose();
  }
}

/** What a layer's handle gives; a change gives the configuration that follows from it. */
function askLayer(network: Network, [place, method, given]: readonly unknown[]): unknown {
  const [first = 0, ...inner] = place as readonly number[];
  let layer = network.layers[first];
  for (const i of inner) layer = layer?.layers[i];
  if (layer === undefined) throw new RangeError(`no layer ${place}`);
  if (method === "trainable") return layer.trainable;
  if (method === "parameters") return layer.parameters();
  if (method === "setParameters") return layer.setParameters(given as never);
  layer.trainable = given as boolean;
  return network.config;
}

interface Invocation {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

class Host implements Sender {
  readonly givesAway = true;
  readonly #post: Post;
  #network: Network | undefined;
  readonly #optimizers = new Map<number, Optimizer>();
  readonly #signals = new Map<number, AbortController>();
  /** Copies of what the caller gets back as itself. */
  readonly #kept = new WeakMap<object, number>();
  readonly #invocations = new Map<number, Invocation>();
  #nextInvocation = 1;

  constructor(post: Post) {
    this.#post = post;
    redirectWarnings((text) => this.#tell({ type: "warning", text }, []));
    post("ready", []);
  }

  receive(request: Request): void {
    if (request.type === "configure") configure(request.configuration);
    else if (request.type === "create" || request.type === "load") {
      const make = request.type === "create" ? createNetwork : loaded;
      void this.#serve(request.call, request.args, (args) => this.#create(make, args));
    } else if (request.type === "call") this.#call(request.method, request.call, request.args);
    else if (request.type === "answer") this.#answered(request.invocation, request);
    else if (request.type === "forget") this.#forget(request.optimizer);
    else this.#signals.get(request.signal)?.abort(unpack(request.reason, this.#receiver([])));
  }

  refer(value: object): Packed {
    const id = this.#kept.get(value);
    return id === undefined ? undefined : { kind: "yours", id };
  }

  /** No result has functions. */
  referFunction(): Packed {
    return undefined;
  }

  async #create(make: (...args: never[]) => Promise<unknown>, args: readonly unknown[]): Promise<unknown> {
    const network: Network = await Reflect.apply(make, undefined, args);
    this.#network = network;
    const { config, runtime, metadata } = network;
    return { config, runtime, metadata } satisfies Facts;
  }

  #call(method: Method | "layer", call: number, packed: Packed): void {
    const network = this.#network;
    if (network !== undefined) {
      void this.#serve(call, packed, (args) =>
        method === "layer" ? askLayer(network, args) : Reflect.apply(network[method], network, args),
      );
    }
  }

  /** Answers a call. What `work` does without waiting is done before the next message is heard. */
  async #serve(call: number, packed: Packed, work: (args: readonly unknown[]) => unknown): Promise<void> {
    const signals: number[] = [];
    const { transfer, ...outcome } = await this.#outcomeOf(() => {
      const args = unpack(packed, this.#receiver(signals));
      return work(Array.isArray(args) ? args : []);
    });
    for (const id of signals) this.#signals.delete(id);
    this.#tell({ type: "done", call, ...outcome }, transfer);
  }

  async #outcomeOf(work: () => unknown): Promise<Sent> {
    try {
      const { packed, transfer } = atOnce(pack(await work(), this));
      return { ok: true, value: packed, transfer };
    } catch (error) {
      const { packed, transfer } = atOnce(pack(error, this));
      return { ok: false, error: packed, transfer };
    }
  }

  #tell(report: Unfinished<Report>, transfer: ArrayBuffer[]): void {
    const optimizers = [...this.#optimizers].map(([id, { steps }]) => [id, steps] as const);
    this.#post({ ...report, steps: this.#network?.steps ?? 0, optimizers }, transfer);
  }

  /** @param signals - the ids of those that come */
  #receiver(signals: number[]): Receiver {
    const receiver: Receiver = {
      resolve: (reference) => {
        if (reference.kind === "signal") signals.push(reference.id);
        return this.#resolve(reference, receiver);
      },
    };
    return receiver;
  }

  #resolve(reference: Reference, receiver: Receiver): unknown {
    switch (reference.kind) {
      case "function":
        return (...args: unknown[]) => this.#invoke(reference.id, args);
      case "optimizer":
        return this.#optimizer(reference);
      case "signal": {
        const controller = new AbortController();
        this.#signals.set(reference.id, controller);
        if (reference.aborted) controller.abort(unpack(reference.reason, receiver));
        return controller.signal;
      }
      case "kept": {
        const copy = unpack(reference.copy, receiver);
        if (typeof copy === "object" && copy !== null) this.#kept.set(copy, reference.id);
        return copy;
      }
      case "yours":
        return undefined;
    }
  }

  #optimizer({
    id,
    rule,
    hyperparameters,
    learningRate,
  }: Extract<Reference, { kind: "optimizer" }>): Optimizer {
    const known = this.#optimizers.get(id);
    if (known !== undefined) return known;
    const optimizer = new Optimizer(rule, hyperparameters, learningRate);
    this.#optimizers.set(id, optimizer);
    return optimizer;
  }

  #forget(id: number): void {
    this.#optimizers.get(id)?.discard();
    this.#optimizers.delete(id);
  }

  /** Calls a function of the caller's, and waits for what it gives. */
  #invoke(callee: number, args: readonly unknown[]): Promise<unknown> {
    const invocation = this.#nextInvocation++;
    const { packed, transfer } = atOnce(pack(args, this));
    return new Promise((resolve, reject) => {
      this.#invocations.set(invocation, { resolve, reject });
      this.#tell({ type: "invoke", invocation, callee, args: packed }, transfer);
    });
  }

  #answered(invocation: number, outcome: Outcome): void {
    const waiting = this.#invocations.get(invocation);
    this.#invocations.delete(invocation);
    if (outcome.ok) waiting?.resolve(unpack(outcome.value, this.#receiver([])));
    else waiting?.reject(unpack(outcome.error, this.#receiver([])));
  }
}
