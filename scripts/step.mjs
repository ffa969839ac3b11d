// A step of the set-up or of the tests: one line on the terminal, with its time.
import { clearStamp, isUpToDate, writeStamp } from "./stamp.mjs";

const seconds = (start) => `${((performance.now() - start) / 1000).toFixed(1)} s`;

/** Runs `work` and prints one line: its name, what it returned (if it is a text) and how long it took. */
export async function step(name, work) {
  const start = performance.now();
  const note = await work();
  console.error(`${name}: ${typeof note === "string" ? `${note}, ` : ""}${seconds(start)}`);
}

/**
 * The same for a step that is left out while its inputs, settings and outputs are as they were.
 * `prepare`: what must be there for it, with lines of its own; `work` is given what it resolves to.
 */
export async function stampedStep(name, parts, work, prepare = () => {}) {
  if (isUpToDate(name, parts)) {
    console.error(`${name}: up to date`);
    return;
  }
  const prepared = await prepare();
  await step(name, async () => {
    clearStamp(name);
    await work(prepared);
    writeStamp(name, parts);
  });
}
