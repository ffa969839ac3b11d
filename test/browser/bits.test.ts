// The same bits in Node and in Chromium, with one thread and with two.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { transform } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as layerwise from "../../ts/index.js";
import { allowRelaxedSimd } from "../relaxed-simd.js";
import { type Bits, findBits } from "./bits-program.js";
import { findChromium, launchChromium } from "./chromium.js";
import { type StaticServer, serveFolders } from "./static-server.js";

const DIST = fileURLToPath(new URL("../../dist/", import.meta.url));
const PROGRAM = new URL("bits-program.ts", import.meta.url);

const WORKER = `
  import * as layerwise from "/dist/index.js";
  import { findBits } from "/bits-program.js";
  async function keep(saved) {
    const store = layerwise.browserStore();
    const network = await layerwise.loadNetwork(Uint8Array.from(saved));
    await network.save("kept.safetensors", { store });
    const again = await layerwise.loadNetwork("kept.safetensors", { store });
    return String(again.toBytes()) === String(network.toBytes());
  }

  onmessage = async ({ data }) => {
    try {
      const bits = await findBits(layerwise, data.threads, data.saved);
      postMessage({ bits, keptInDatabase: await keep(data.saved) });
    } catch (error) {
      postMessage(String(error));
    }
  };
`;

/** What the worker answers: the bits, and whether a model came back from IndexedDB as it was saved. */
interface Found {
  readonly bits: Bits;
  readonly keptInDatabase: boolean;
}

await allowRelaxedSimd();
const executable = findChromium();

describe.skipIf(executable === undefined)("Chromium gives the bits that Node gives", () => {
  let server: StaticServer;
  let folder = "";
  let saved: number[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "layerwise-bits-"));
    const program = await transform(await readFile(PROGRAM, "utf8"), { loader: "ts" });
    await writeFile(join(folder, "index.html"), "<!doctype html><title>bits</title>");
    await writeFile(join(folder, "worker.js"), WORKER);
    await writeFile(join(folder, "bits-program.js"), program.code);
    server = await serveFolders({ "/dist/": DIST, "/": folder });
    const network = await layerwise.createNetwork({
      layerDims: [65, 40, 7],
      outputActivation: "softmax",
      seed: 4,
    });
    saved = [...network.toBytes()];
  });

  afterAll(async () => {
    server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function inChromium(threads: number): Promise<Found | string> {
    const browser = await launchChromium(executable ?? "");
    try {
      const page = await browser.newPage();
      await page.goto(`${server.origin}/index.html`);
      return await page.evaluate(
        (task) =>
          new Promise<Found | string>((resolve) => {
            const worker = new Worker("/worker.js", { type: "module" });
            worker.onmessage = ({ data }) => resolve(data);
            worker.onerror = ({ message }) => resolve(`the worker failed: ${message}`);
            worker.postMessage(task);
          }),
        { threads, saved },
      );
    } finally {
      await browser.close();
    }
  }

  it.each([1, 2])(
    "after 500 steps with dropout and shuffling, and from a file made in Node: %i threads",
    async (threads) => {
      const expected = await findBits(layerwise, 1, saved);
      expect(expected.steps).toBe(500);
      expect(expected.reloaded).toEqual(expected.predicted);
      expect(expected.fast.math).toBe("fast");
      expect(expected.fast.distance).toBeGreaterThan(0);
      expect(expected.fast.distance).toBeLessThan(1);
      const bits = { ...expected, threads, fast: { ...expected.fast, threads } };
      expect(await inChromium(threads)).toEqual({ bits, keptInDatabase: true });
    },
  );
});
