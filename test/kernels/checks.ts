import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { sharedInstance, threadedInstance } from "../../ts/engine/wasm/builds.js";
import { sha256 as ours } from "../../ts/files/sha256.js";
import { atOnce } from "../../ts/platform/breath.js";
import * as dense from "./dense.js";
import * as loss from "./loss.js";
import { engineOf, type Setting } from "./memory.js";
import { updatesFollowTheirFormulas } from "./optimizer.js";
import { productIsThePlainSum } from "./product.js";
import * as random from "./random.js";
import * as reduction from "./reduction.js";
import { everyThreadTakesItsPart } from "./threads.js";

/** What must hold of the kernels through the seam, ts/engine/engine.ts. */
export const KERNEL_CHECKS = {
  "every thread takes its part": everyThreadTakesItsPart,
  "a product is the plain sum, to the bit": productIsThePlainSum,
  "a dense layer forward follows plain loops": dense.forwardFollowsPlainLoops,
  "a dense layer backward follows plain loops": dense.backwardFollowsPlainLoops,
  "a dense layer backward is the same without dX, and on one thread":
    dense.backwardIsTheSameWithoutDxAndOnOneThread,
  "weights in panels change no bit": dense.panelsChangeNoBit,
  "every loss follows its formula": loss.everyLossFollowsItsFormula,
  "binary cross-entropy and sigmoid follow their formulas": loss.binaryCrossEntropyFollowsItsFormula,
  "categorical cross-entropy and softmax follow their formulas":
    loss.categoricalCrossEntropyFollowsItsFormula,
  "updates follow their formulas": updatesFollowTheirFormulas,
  "sums and maxima follow plain loops": reduction.reductionsFollowPlainLoops,
  "a NaN or an infinity is found anywhere": reduction.nonFiniteNumbersAreFoundAnywhere,
  "orders are permutations": random.ordersArePermutations,
  "masks keep their share": random.masksKeepTheirShare,
  "SHA-256 is that of another implementation": sha256IsThatOfAnotherImplementation,
} satisfies Record<string, (setting: Setting) => void>;

export type KernelCheck = keyof typeof KERNEL_CHECKS;

export interface KernelTask {
  readonly check: KernelCheck;
  readonly dtype: Setting["dtype"];
  readonly threads: number;
}

/** Runs a check on `threads` threads of the instance that networks share here. */
export async function checkKernels({ check, dtype, threads }: KernelTask): Promise<void> {
  const instance = await (threads === 1 ? sharedInstance(dtype) : threadedInstance(dtype, threads));
  KERNEL_CHECKS[check]({ instance, dtype, threads });
}

function sha256IsThatOfAnotherImplementation(setting: Setting): void {
  const bytes = Uint8Array.from({ length: 40_000 }, (_, i) => (i * 7919) % 251);
  // Around a block of 64 bytes, its padding of 9, and what crosses into wasm at a time.
  for (const length of [...Array.from({ length: 200 }, (_, i) => i), 16_383, 16_384, 16_385, 40_000]) {
    const part = bytes.subarray(0, length);
    const [got, expected] = [atOnce(ours(engineOf(setting), [part])), bytesToHex(sha256(part))];
    if (got !== expected) throw new Error(`${length} bytes: expected ${expected}, got ${got}`);
  }
}
