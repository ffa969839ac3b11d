import type { Hyperparameters, UpdateRule } from "../catalog/optimizers.js";
import type { Schedule } from "../config/schedules.js";
import type { Configuration } from "../engine/wasm/configuration.js";
import type { AnyNetwork, Network } from "../network/network.js";

/** The network's methods that a worker is asked for; a WorkerNetwork has all of them, and epochs, which is a fit. */
export type Method = Exclude<
  { [Key in keyof Network]: Network[Key] extends (...args: never[]) => unknown ? Key : never }[keyof Network],
  "runFit" | "epochs" | "clone" | symbol
>;

/** What of a network stays as it was made. */
export type Facts = Pick<AnyNetwork, "config" | "runtime" | "metadata">;

/** What the caller's side sends. Messages arrive in the order of the calls. */
export type Request =
  /** Before the first, as it is: what configure was given here. */
  | { readonly type: "configure"; readonly configuration: Configuration }
  /** The first of all: makes the network, anew or of another's bytes. */
  | { readonly type: "create"; readonly call: number; readonly args: Packed }
  | { readonly type: "load"; readonly call: number; readonly args: Packed }
  | { readonly type: "call"; readonly call: number; readonly method: Method | "layer"; readonly args: Packed }
  | { readonly type: "abort"; readonly signal: number; readonly reason: Packed }
  /** What a function that the worker invoked gave, or raised. */
  | ({ readonly type: "answer"; readonly invocation: number } & Outcome)
  /** The caller's optimizer was collected. */
  | { readonly type: "forget"; readonly optimizer: number };

/** What the worker sends; with each message, how far its network and optimizers are. */
export type Report = { readonly steps: number; readonly optimizers: readonly OptimizerSteps[] } & (
  | { readonly type: "warning"; readonly text: string }
  | ({ readonly type: "done"; readonly call: number } & Outcome)
  | {
      readonly type: "invoke";
      readonly invocation: number;
      /** The id of the caller's function. */
      readonly callee: number;
      readonly args: Packed;
    }
);

/** An optimizer's id, and its steps. */
export type OptimizerSteps = readonly [id: number, steps: number];

export type Outcome =
  | { readonly ok: true; readonly value: Packed }
  | { readonly ok: false; readonly error: Packed };

/** A value in a form that structuredClone takes, and from which the other side makes the same. */
export type Packed =
  | undefined
  | null
  | boolean
  | number
  | bigint
  | string
  | { readonly kind: "symbol"; readonly text: string }
  /** A typed array, DataView or ArrayBuffer; its bytes are transferred. */
  | { readonly kind: "view"; readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> }
  /** A typed array whose buffer was detached. */
  | { readonly kind: "gone"; readonly name: string }
  /** An array of numbers alone. */
  | { readonly kind: "numbers"; readonly numbers: Float64Array }
  /** An array of rows of numbers, all of one length. */
  | { readonly kind: "rows"; readonly numbers: Float64Array; readonly rows: number; readonly cols: number }
  | { readonly kind: "array"; readonly length: number; readonly entries: readonly PackedEntry[] }
  | { readonly kind: "matrix"; readonly data: Packed; readonly rows: number; readonly cols: number }
  | { readonly kind: "url"; readonly href: string }
  | {
      readonly kind: "object";
      /** Of its class; "" for a plain object. */
      readonly name: string;
      readonly fields: readonly PackedEntry[];
      /** Functions of its class. */
      readonly methods: readonly PackedEntry[];
    }
  | {
      readonly kind: "error";
      /** One that both sides have; `name` is what it calls itself. */
      readonly class: string;
      readonly name: string;
      readonly message: string;
      readonly stack: string | undefined;
      readonly fields: readonly PackedEntry[];
      /** One entry, where it has a cause. */
      readonly cause: readonly Packed[];
    }
  | Reference;

/** A key and its value. */
export type PackedEntry = readonly [key: string, value: Packed];

/** What stays on the side where it is, under an id. */
export type Reference =
  | { readonly kind: "function"; readonly id: number }
  | { readonly kind: "signal"; readonly id: number; readonly aborted: boolean; readonly reason: Packed }
  | {
      readonly kind: "optimizer";
      readonly id: number;
      readonly rule: UpdateRule;
      readonly hyperparameters: Hyperparameters;
      readonly learningRate: number | Schedule;
    }
  /** A copy of something that comes back as itself: an abort's reason, what a callback raised. */
  | { readonly kind: "kept"; readonly id: number; readonly copy: Packed }
  /** Something that the other side kept: itself. */
  | { readonly kind: "yours"; readonly id: number };
