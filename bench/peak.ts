import type { Dtype } from "layerwise";
import type { Engine } from "../ts/engine/engine.js";
import { benchmarkEngine } from "./engine.js";
import type { Case } from "./rounds.js";

// The loop of crate/src/peak.rs: in each turn, LINKS links of CHAINS independent chains of vectors.
const CHAINS = 14;
const LINKS = 2;
const LANES: Record<Dtype, number> = { float32: 4, float64: 2 };

/** A call of about 0.1 ms. */
const TURNS = 10_000;

/**
 * The rate of multiply-adds that never leave registers, in a build of the same sources and settings as what is
 * measured: what a matrix product could reach at most. Timed in the same rounds as all that is compared with it.
 */
export async function peakCase(dtype: Dtype): Promise<Case> {
  const engine = await benchmarkEngine(dtype);
  checkFlopCount(engine, dtype);
  const program = engine.program(dtype, [{ op: "multiplyAddPeak", turns: TURNS }]);
  return {
    name: peakName(dtype),
    kind: "call",
    run: () => program.run(0, 0, 0),
    units: 2 * CHAINS * LINKS * LANES[dtype] * TURNS,
  };
}

/** The name under which {@link peakCase} appears among the rates, in operations a second. */
export function peakName(dtype: Dtype): string {
  return `peak ${dtype}`;
}

/**
 * Chain i starts at i, a link makes x/2 + 1 of x, and what comes out is the chains' sum: by which it must be
 * 14 chains and 2 links, or the operations are counted wrongly.
 */
function checkFlopCount(engine: Engine, dtype: Dtype): void {
  for (const turns of [0, 1, 2]) {
    let expected = 0;
    for (let chain = 0; chain < CHAINS; chain++) {
      let x = chain;
      for (let link = 0; link < turns * LINKS; link++) x = x / 2 + 1;
      expected += x;
    }
    const program = engine.program(dtype, [{ op: "multiplyAddPeak", turns }]);
    program.run(0, 0, 0);
    const got = program.sum;
    program.release();
    if (got !== expected) throw new Error(`peak ${dtype}, ${turns} turns: expected ${expected}, got ${got}`);
  }
}
