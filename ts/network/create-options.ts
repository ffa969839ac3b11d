import type { Activation } from "../catalog/activations.js";
import type { LayerInput } from "../catalog/layers.js";
import type { Loss, NumberLoss } from "../catalog/losses.js";
import type { Metadata } from "../config/metadata.js";
import type { LayersOptions, NetworkOptions } from "../config/network-config.js";
import type { MathName } from "../engine/math.js";
import type { EngineName } from "../engine/start.js";
import type { Threads } from "../engine/threads.js";

/** How a network is computed. */
export interface ComputeOptions {
  /**
   * `"native"`: the processor's own code, in Node with `@layerwise/native`; `"wasm"`: WebAssembly, everywhere; `"auto"`
   * (default): the native engine where it is installed and fits the machine, else WebAssembly. {@link Network.runtime}
   * says which, and why. Results are the same to the bit. ConfigError where `"native"` can't be had.
   */
  readonly engine?: EngineName;
  /**
   * How many threads compute it, the caller's included: an integer in [1, 64], or `"auto"` (default): all
   * processors, at most 8, or one where its layers are too small to gain. Where threads can't be had it is one;
   * {@link Network.runtime} says why, and a warning if a number was given or chosen. The number changes no bit of any
   * result.
   */
  readonly threads?: Threads;
  /**
   * `"exact"` (default): every product and every sum is rounded by itself, to the same bits on every machine and engine.
   * `"fast"`: each product of two matrices' numbers is rounded together with its sum (fused multiply-add). What it gives
   * differs from `"exact"` in last bits, and is the same in every run, with any number of threads. The native engine has it,
   * and WebAssembly for float32 where it knows relaxed SIMD (Node 21, Chromium 114, Firefox 146, or later). Elsewhere it is
   * `"exact"`, with a warning: {@link Network.runtime} says which, and why. A checkpoint remembers it.
   */
  readonly math?: MathName;
}

/** The same of a new one, and what goes with it. */
export interface NewNetworkOptions extends ComputeOptions {
  /**
   * Texts of your own that are kept in every file of the network, such as
   * `{ classes: JSON.stringify(["cat", "dog"]) }`: at most 128 of them, with keys of 1 to 256 characters, and
   * 64 KiB in all. Default none.
   */
  readonly metadata?: Metadata;
}

/** What {@link createNetwork} takes: the network's configuration, and how it is computed. */
export interface CreateOptions extends NetworkOptions, NewNetworkOptions {}

/** The same of any layers. */
export interface CreateLayersOptions extends LayersOptions, NewNetworkOptions {}

/** Those of a network that answers by classes. */
export type ClassOptions = CreateOptions &
  (
    | { readonly outputActivation?: "sigmoid" | "softmax"; readonly loss?: Exclude<Loss, NumberLoss> }
    | { readonly outputActivation: "linear"; readonly loss: Exclude<Loss, NumberLoss> }
  );

/** Those of a network that answers by numbers. */
export type NumberOptions = CreateOptions &
  ({ readonly outputActivation: "linear"; readonly loss?: NumberLoss } | { readonly loss: NumberLoss });

/** Those of a network of any layers that answers by numbers. */
export type NumberLayersOptions = CreateLayersOptions &
  (
    | { readonly loss: NumberLoss }
    | { readonly loss?: undefined; readonly layers: readonly [...LayerInput[], NumberLayer] }
  );

/** A last layer whose answers are numbers. */
type NumberLayer =
  | { readonly type: "dense"; readonly units: number; readonly activation?: NumberActivation }
  | { readonly type: "activation"; readonly activation: NumberActivation };

type NumberActivation = Exclude<Activation, "sigmoid" | "softmax">;
