import { spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, expect, test } from "vitest";
import { adam, createNetwork, loadNetwork, type Recovery } from "../../ts/index.js";
import { fitOptions, options, x, y } from "./small-files.js";

// LAYERWISE_KILLS=300 npx vitest run test/files/kill.test.ts: the long form.
const KILLS = Number(process.env.LAYERWISE_KILLS ?? 20);

/** The longest life of a run after its first checkpoint, in milliseconds. */
const LONGEST_LIFE = 60;

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = await mkdtemp(join(tmpdir(), "layerwise-kill-"));
const program = await compile();
afterAll(() => rm(folder, { recursive: true }));

/** The program in plain JavaScript: it starts in a tenth of the time that one through tsx takes. */
async function compile(): Promise<string> {
  const outdir = join(folder, "program");
  const sources = (await readdir(join(root, "ts"), { recursive: true })).filter((name) =>
    /(?<!\.d)\.ts$/.test(name),
  );
  const programs = ["endless-training.ts", "small-files.ts"].map((name) => join(root, "test/files", name));
  const entryPoints = [...programs, ...sources.map((name) => join(root, "ts", name))];
  await build({ entryPoints, outdir, outbase: root, target: "node20" });
  await cp(join(root, "ts/engine/wasm"), join(outdir, "ts/engine/wasm"), {
    recursive: true,
    filter: (path) => !path.endsWith(".ts"),
  });
  await writeFile(join(outdir, "package.json"), JSON.stringify({ type: "module" }));
  return join(outdir, "test/files/endless-training.js");
}

/** Lets a run train and kills it in the middle of it; resolves to the steps of its reported checkpoints. */
function runAndKill(path: string): Promise<number[]> {
  return new Promise((resolve, reject) => {
    const run = spawn(process.execPath, [program, path], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let printed = "";
    run.stdout.setEncoding("utf8").on("data", (text) => {
      // From a moment of no meaning on: in the middle of a write, a sync, a rename or a step.
      if (printed === "") setTimeout(() => run.kill("SIGKILL"), LONGEST_LIFE * Math.random());
      printed += text;
    });
    run.on("error", reject);
    run.on("close", (code, signal) => {
      if (signal === "SIGKILL") resolve(printed.split("\n").slice(0, -1).map(Number));
      else reject(new Error(`the run ended by itself, with ${code}`));
    });
  });
}

test(`after each of ${KILLS} kills there is a checkpoint, none older than the last reported, with the right bits`, {
  timeout: 10_000 * KILLS,
}, async () => {
  await mkdir(join(folder, "run"));
  const path = join(folder, "run", "run.safetensors");
  const recoveries: Recovery[] = [];
  let reported = 0;
  let found = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const steps = await runAndKill(path);
    // It went on where the one before was cut off.
    expect(steps[0]).toBe(found + 1);
    reported = steps[steps.length - 1] ?? 0;
    using network = await loadNetwork(path, { onRecovery: (recovery) => void recoveries.push(recovery) });
    expect(network.steps).toBeGreaterThanOrEqual(reported);
    expect(network.steps).toBeLessThanOrEqual(reported + 1);
    found = network.steps;
  }
  expect(recoveries).toEqual([]);
  // At most the last kill's leftovers.
  expect((await readdir(join(folder, "run"))).length).toBeLessThanOrEqual(4);

  using whole = await createNetwork(options);
  const stop = new AbortController();
  const onStep = () => void (whole.steps === found && stop.abort());
  await whole.fit(x, y, { ...fitOptions, optimizer: adam(), epochs: 1e9, signal: stop.signal, onStep });
  using survivor = await loadNetwork(path);
  expect(survivor.parameters()).toEqual(whole.parameters());
  console.info(`${KILLS} kills, ${found} steps, a checkpoint after each`);
});
