import type { Instance, Kernels } from "../../ts/wasm/kernels.js";
import type { CheckName } from "./checks.js";

/** Wraps kernels so that a bug reads as what it changes: arguments by name, memory as lists of numbers. */

/** The kernels that are tampered with and their arguments in order; what stands behind these is passed on. */
const ARGUMENTS = {
  denseForward: "a x w b mask workspace workspaceLength rows inputs outputs panel activation keepProb",
  denseBackward:
    "dx dw db dz x w workspace workspaceLength rows inputs outputs panel activation keepProb l2OverM",
  binaryCrossEntropy: "dz z labels rows outputs m",
  categoricalCrossEntropy: "dz z labels rows outputs m",
  sumOfSquares: "w length",
  magnitudeBound: "block length",
  momentum: "w v g length learningRate beta",
  adam: "w v s g length learningRate beta1 beta2 epsilon power1 power2",
  initialize: "w inputs outputs method seed layer",
  dropoutMask: "mask length keepProb seed epoch step layer",
} as const satisfies Partial<Record<keyof Kernels, string>>;

type Words<Text extends string> = Text extends `${infer First} ${infer Rest}` ? First | Words<Rest> : Text;

/** A call's arguments by name. */
export type Call<Name extends keyof typeof ARGUMENTS> = Readonly<
  Record<Words<(typeof ARGUMENTS)[Name]>, number>
>;

/** Replaces a kernel by `wrong`, which may run the right one, with other arguments too. */
export function on<Name extends keyof typeof ARGUMENTS>(
  kernels: Kernels,
  name: Name,
  wrong: (call: Call<Name>, run: (call: Call<Name>) => number) => unknown,
): void {
  const names = ARGUMENTS[name].split(" ") as (keyof Call<Name>)[];
  const right = kernels[name] as unknown as (...values: number[]) => number;
  const wrapped = (...values: number[]) => {
    const call = Object.fromEntries(names.map((argument, i) => [argument, values[i]])) as Call<Name>;
    const run = (changed: Call<Name>) =>
      right(...names.map((argument) => changed[argument]), ...values.slice(names.length));
    return wrong(call, run);
  };
  Object.assign(kernels, { [name]: wrapped });
}

/** Lets a kernel run, then `wrong`. */
export function after<Name extends keyof typeof ARGUMENTS>(
  kernels: Kernels,
  name: Name,
  wrong: (call: Call<Name>) => void,
): void {
  on(kernels, name, (call, run) => {
    run(call);
    wrong(call);
  });
}

/** {@link on} for both losses. */
export function onLoss(
  kernels: Kernels,
  wrong: (call: Call<"binaryCrossEntropy">, run: (call: Call<"binaryCrossEntropy">) => number) => number,
): void {
  on(kernels, "binaryCrossEntropy", wrong);
  on(kernels, "categoricalCrossEntropy", wrong);
}

/** How crate/src/activation.rs numbers them. */
export const LINEAR = 0;
export const RELU = 1;

/** The float64 numbers of an instance's memory, by byte offset. */
export class Memory {
  readonly #instance: Instance;

  constructor(instance: Instance) {
    this.#instance = instance;
  }

  copy(offset: number, length: number): number[] {
    return Array.from(this.#instance.float64s().subarray(offset / 8, offset / 8 + length));
  }

  write(offset: number, values: readonly number[]): void {
    this.#instance.float64s().set(values, offset / 8);
  }

  /** Each of `length` numbers ← f(number, its index). */
  update(offset: number, length: number, f: (value: number, index: number) => number): void {
    this.write(offset, this.copy(offset, length).map(f));
  }
}

/** A bug, planted into the float64 kernels (ts/wasm/kernels.ts) or into the batches (ts/batches.ts). */
export interface Mutation {
  readonly name: string;
  readonly plant: (kernels: Kernels, memory: Memory, instance: Instance) => void;
  /** Each of these must fail. */
  readonly caughtBy: readonly CheckName[];
}
