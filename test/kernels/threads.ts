import { at, numbers, read, type Setting, withMemory } from "./memory.js";

/** A layer whose product is cut for several threads: some milliseconds of work. */
const [ROWS, INPUTS, OUTPUTS] = [128, 256, 256];

/** Products in which each thread must have a part, and how many are made at most until it has: some seconds. */
const PARTS = 10;
const MOST_PRODUCTS = 2000;

/** Numbers at each end of a thread's room that may be another's: where it begins is aligned. */
const BORDER = 64;

/**
 * What a thread packs, it packs into its own share of the workspace, and only once it has got a piece of the product;
 * the caller takes what is left in its own. So a share that is written was a thread's that took part.
 */
export function everyThreadTakesItsPart(setting: Setting): void {
  const { dtype, threads } = setting;
  withMemory(setting, (memory) => {
    const workspace = memory.workspace(ROWS, INPUTS, OUTPUTS);
    const share = Math.floor(workspace.length / threads);
    const program = memory.bind([
      {
        op: "denseForward",
        packed: null,
        products: null,
        a: memory.output(ROWS * OUTPUTS),
        x: memory.input(numbers(dtype, ROWS * INPUTS, 1)),
        w: memory.input(numbers(dtype, OUTPUTS * INPUTS, 2)),
        b: memory.input(new Float64Array(OUTPUTS)),
        kept: null,
        mask: null,
        keepProb: 1,
        inputs: INPUTS,
        outputs: OUTPUTS,
        panel: 1,
        activation: "linear",
        parameter: 0,
        workspace,
      },
    ]);
    const parts = new Array<number>(threads).fill(0);
    for (let product = 0; product < MOST_PRODUCTS && Math.min(...parts) < PARTS; product++) {
      workspace.fill(Number.NaN);
      program.run(ROWS, 0, 0);
      const packed = read(workspace);
      for (let seat = 0; seat < threads; seat++) {
        const own = packed.subarray(seat * share + BORDER, (seat + 1) * share - BORDER);
        if (own.some((number) => !Number.isNaN(number))) parts[seat] = at(parts, seat) + 1;
      }
    }
    if (Math.min(...parts) < PARTS) throw new Error(`products in which each thread had a part: ${parts}`);
  });
}
