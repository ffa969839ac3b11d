// npm run test:memory: data sets of 6 GiB, more than 32 bits address, each way of training on them in a process of its own.
// Needs 16 GiB of free memory, and skips where there are fewer.
import { fork } from "node:child_process";
import { readFileSync } from "node:fs";
import { freemem, platform } from "node:os";
import { fileURLToPath } from "node:url";
import { buildNative } from "../../scripts/native.mjs";
import { PARTS, type PartName } from "./parts.js";

const GIB = 2 ** 30;
const NEEDED = 16 * GIB;

const name = process.argv[2];
if (name === undefined) await runAll();
else {
  const said = await PARTS[name as PartName].run();
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  process.send?.({ said, peak: maxRSS * 1024, seconds: (userCPUTime + systemCPUTime) / 1e6 });
}

async function runAll(): Promise<void> {
  const free = availableBytes();
  if (free < NEEDED) {
    console.log(`SKIPPED: ${gib(free)} of memory are free, and data sets of 6 GiB need ${gib(NEEDED)}`);
    return;
  }
  await buildNative();
  const results = new Map<string, string>();
  for (const [part, { most, sameAs }] of Object.entries(PARTS)) {
    const result = await inProcess(part).catch((error: Error) => fail(error.message));
    if (result === undefined) continue;
    const { said, peak, seconds } = result;
    console.log(`${part}: ${said}; peak ${gib(peak)}, ${seconds.toFixed(0)} s of processor time`);
    results.set(part, said);
    if (peak > most) fail(`${part}: expected a peak of at most ${gib(most)}`);
    const other = sameAs && results.get(sameAs);
    if (other !== undefined && said !== other) fail(`${part}: expected what ${sameAs} gave, ${other}`);
  }
}

/** What can be had without taking others' memory. */
function availableBytes(): number {
  if (platform() !== "linux") return freemem();
  const kilobytes = readFileSync("/proc/meminfo", "utf8").match(/^MemAvailable:\s*(\d+)/m)?.[1];
  return Number(kilobytes) * 1024;
}

interface Result {
  readonly said: string;
  readonly peak: number;
  readonly seconds: number;
}

function inProcess(part: string): Promise<Result> {
  const child = fork(fileURLToPath(import.meta.url), [part], { execArgv: ["--import", "tsx"] });
  return new Promise((resolve, reject) => {
    let result: Result | undefined;
    child.on("message", (message) => {
      result = message as Result;
    });
    child.on("exit", (code, signal) => {
      if (result !== undefined && code === 0) resolve(result);
      else reject(new Error(`${part}: ended with ${signal ?? `exit code ${code}`}`));
    });
  });
}

function fail(what: string): undefined {
  console.error(what);
  process.exitCode = 1;
  return undefined;
}

function gib(bytes: number): string {
  return `${(bytes / GIB).toFixed(2)} GiB`;
}
