import type { Dtype } from "layerwise";
import { type Instance, sharedInstance } from "../ts/wasm/kernels.js";
import type { Case } from "./rounds.js";

// The loop of crate/src/peak.rs: in each turn, so many links of so many independent chains of vectors.
const CHAINS = 14;
const LINKS = 2;
const LANES: Record<Dtype, number> = { float32: 4, float64: 2 };

/** A call of about 0.1 ms. */
const TURNS = 10_000;

/**
 * The rate of multiply-adds that never leave registers, in the very build that is measured: what a matrix
 * product could reach at most. Timed in the same rounds as all that is compared with it.
 */
export async function peakCase(dtype: Dtype): Promise<Case> {
  const instance = await sharedInstance();
  const { multiplyAddPeak } = instance[dtype];
  checkFlopCount(instance, dtype);
  return {
    name: peakName(dtype),
    kind: "call",
    run: () => void multiplyAddPeak(TURNS),
    units: 2 * CHAINS * LINKS * LANES[dtype] * TURNS,
  };
}

/** The name under which {@link peakCase} appears among the rates, in operations a second. */
export function peakName(dtype: Dtype): string {
  return `peak ${dtype}`;
}

/**
 * Chain i starts at i, a link makes x/2 + 1 of x, and the call returns the chains' sum: by which it must be
 * 14 chains and 2 links, or the operations are counted wrongly.
 */
function checkFlopCount(instance: Instance, dtype: Dtype): void {
  for (const turns of [0, 1, 2]) {
    let expected = 0;
    for (let chain = 0; chain < CHAINS; chain++) {
      let x = chain;
      for (let link = 0; link < turns * LINKS; link++) x = x / 2 + 1;
      expected += x;
    }
    const got = instance[dtype].multiplyAddPeak(turns);
    if (got !== expected) throw new Error(`peak ${dtype}, ${turns} turns: expected ${expected}, got ${got}`);
  }
}
