// Fewer threads than wanted, no addresses for memory, networks that nobody disposed of: what is said and what goes on.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterEach, describe, expect, it, vi } from "vitest";
import { whyNoWorkers } from "../ts/engine/wasm/workers.js";
import { createNetwork } from "../ts/index.js";
import { made } from "./made.js";

const INDEX = new URL("../dist/index.js", import.meta.url).href;

/** What a program prints, as JSON, run by `command` in a shell. */
async function printed(program: string, before = ""): Promise<unknown> {
  const source = `import { createNetwork, ResourceError } from ${JSON.stringify(INDEX)};\n${program}`;
  const env = { ...process.env, PROGRAM: source, NODE: process.execPath };
  const { stdout } = await promisify(execFile)(
    "sh",
    ["-c", `${before} exec "$NODE" --no-warnings --input-type=module -e "$PROGRAM"`],
    { env, timeout: 120_000 },
  );
  return JSON.parse(stdout);
}

const RUNTIMES = `
  const warnings = [];
  process.on("warning", ({ message }) => warnings.push(message));
  const runtimes = [];
  for (const threads of [1, 2, 2, "auto"]) {
    const network = await createNetwork({ layerDims: [784, 128, 10], threads });
    runtimes.push(network.runtime.threads);
  }
  await new Promise((resolve) => setTimeout(resolve));
  console.log(JSON.stringify({ runtimes, warnings }));
  process.exit();
`;

describe.runIf(process.platform === "linux")("under a limit on addresses", () => {
  it("one thread works, and threads fall back to it with one warning", async () => {
    const came = await printed(RUNTIMES, "ulimit -v 18000000;");
    const { runtimes, warnings } = came as { runtimes: number[]; warnings: string[] };
    expect(runtimes).toEqual([1, 1, 1, 1]);
    expect(warnings.length).toBeGreaterThan(0);
    expect(new Set(warnings).size).toBe(warnings.length);
    expect(warnings[0]).toMatch(/^one thread in place of 2: .*addresses for WebAssembly memory/);
  });

  it("with no room at all it is a ResourceError", async () => {
    const program = `
      const error = await createNetwork({ layerDims: [3, 1], threads: 1 }).catch((error) => error);
      console.log(JSON.stringify({ resource: error instanceof ResourceError, message: error.message }));
    `;
    expect(await printed(program, "ulimit -v 9000000;")).toMatchObject({
      resource: true,
      message: expect.stringContaining("expected addresses for WebAssembly memory"),
    });
  });
});

it("networks that nobody holds give their memory back in a loop that only awaits promises", async () => {
  const program = `
    let memory;
    WebAssembly.Instance = class extends WebAssembly.Instance {
      constructor(module, imports) {
        super(module, imports);
        memory = this.exports.memory;
      }
    };
    const network = await createNetwork({ layerDims: [3, 1], threads: 1 });
    const { engine } = network.trainee.layers;
    const large = { large: { type: "float32", length: 430_000_000 / 4 } };
    for (let i = 0; i < 9; i++) engine.room("a test", large); // Of 4.29 GB some 400 MB are left.
    for (let i = 0; i < 40; i++) await createNetwork({ layerDims: [8000, 300, 1], threads: 1 }); // 19 MB each
    console.log(memory.buffer.byteLength);
    process.exit();
  `;
  expect(await printed(program)).toBeGreaterThan(4e9);
}, 300_000);

describe("why there are no workers", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it("a document in Node changes nothing", async () => {
    vi.stubGlobal("document", {});
    vi.stubGlobal("window", globalThis);
    vi.stubGlobal("crossOriginIsolated", false);
    expect(whyNoWorkers()).toBeUndefined();
    const network = made(await createNetwork({ layerDims: [784, 128, 10], threads: 2 }));
    expect(network.runtime.threads).toBe(2);
  });

  it("a place without workers is told in words, with what to do", () => {
    vi.stubGlobal("process", undefined);
    vi.stubGlobal("Worker", undefined);
    vi.stubGlobal("ServiceWorkerGlobalScope", class {});
    expect(whyNoWorkers()).toBe("a service worker can't start workers: train in a page's worker, or in Node");
  });

  it("a thread that may not wait is a page's main thread", () => {
    const wait = vi.spyOn(Atomics, "wait").mockImplementation(() => {
      throw new TypeError("Atomics.wait cannot be called in this context");
    });
    expect(whyNoWorkers()).toContain("train in a page's worker, as createWorkerNetwork does");
    wait.mockRestore();
  });

  it("a page that isn't isolated names the headers", () => {
    vi.stubGlobal("process", undefined);
    vi.stubGlobal("crossOriginIsolated", false);
    expect(whyNoWorkers()).toMatch(/Cross-Origin-Opener-Policy: same-origin .*require-corp$/);
    vi.stubGlobal("document", {});
    expect(whyNoWorkers()).toMatch(
      /require-corp, and train in a page's worker, as createWorkerNetwork does$/,
    );
  });
});

it("a kernel at the end of JavaScript's stack: whatever comes, a new network works", async () => {
  const network = made(await createNetwork({ layerDims: [4, 8, 1], threads: 1 }));
  const x = [[1, 2, 3, 4]];
  const errors: unknown[] = [];
  const descend = (depth: number): void => {
    try {
      network.predict(x);
    } catch (error) {
      errors.push(error);
    }
    if (depth < 100_000) descend(depth + 1);
  };
  expect(() => descend(0)).toThrow(RangeError);
  for (const error of errors) expect(["RangeError", "InternalError"]).toContain((error as Error).name);
  const fresh = made(await createNetwork({ layerDims: [4, 8, 1], threads: 1 }));
  expect(fresh.predict(x).rows).toBe(1);
});
