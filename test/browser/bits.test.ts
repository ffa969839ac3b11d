// The same bits in Node and in Chromium, with one thread and with two.
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { transform } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as layerwise from "../../ts/index.js";
import { type Bits, findBits } from "./bits-program.js";
import { findChromium, launchChromium } from "./chromium.js";

const DIST = new URL("../../dist/", import.meta.url);
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

const ISOLATION = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; worker-src 'self'",
};

async function contentOf(path: string): Promise<[type: string, body: string | Buffer]> {
  if (path === "/") return ["text/html", "<!doctype html><title>bits</title>"];
  if (path === "/worker.js") return ["text/javascript", WORKER];
  if (path === "/bits-program.js") {
    return ["text/javascript", (await transform(await readFile(PROGRAM, "utf8"), { loader: "ts" })).code];
  }
  const file = new URL(path.replace("/dist/", "./"), DIST);
  return [path.endsWith(".wasm") ? "application/wasm" : "text/javascript", await readFile(file)];
}

const executable = findChromium();

describe.skipIf(executable === undefined)("Chromium gives the bits that Node gives", () => {
  let server: Server;
  let origin = "";
  let saved: number[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      contentOf(request.url ?? "/").then(
        ([type, body]) => response.writeHead(200, { ...ISOLATION, "Content-Type": type }).end(body),
        () => response.writeHead(404, ISOLATION).end(),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const network = await layerwise.createNetwork({
      layerDims: [65, 40, 7],
      outputActivation: "softmax",
      seed: 4,
    });
    saved = [...network.toBytes()];
  });

  afterAll(() => void server.close());

  async function inChromium(threads: number): Promise<Found | string> {
    const browser = await launchChromium(executable ?? "");
    try {
      const page = await browser.newPage();
      await page.goto(origin);
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
      expect(await inChromium(threads)).toEqual({ bits: { ...expected, threads }, keptInDatabase: true });
    },
  );
});
