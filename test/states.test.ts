// Calls at the wrong time, abort, faults of memory and environment (BAD-INPUTS 49 to 63).
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, vi } from "vitest";
import { compile, compileSource } from "../ts/engine/wasm/load.js";
import { BUILD } from "../ts/engine/wasm/pkg-threads/layerwise.js";
import {
  adam,
  createNetwork,
  EnvironmentError,
  InternalError,
  Matrix,
  type Network,
  ResourceError,
  StateError,
} from "../ts/index.js";
import { hashOf } from "./closeness.js";
import { instanceOf } from "./instance.js";
import { small } from "./made.js";

const m = 40;
const x = Array.from({ length: m }, (_, i) => [i % 3, (i % 7) - 3, (i % 5) / 4, -(i % 2)]);
const y = Array.from({ length: m }, (_, i) => i % 2);

const calls: [name: string, call: (network: Network) => unknown][] = [
  ["fit", (network) => network.fit(x, y, { epochs: 1 })],
  ["trainStep", (network) => network.trainStep(x, y, { optimizer: adam() })],
  ["gradients", (network) => network.gradients(x, y)],
  ["predict", (network) => network.predict(x)],
  ["evaluate", (network) => network.evaluate(x, y)],
  ["parameters", (network) => network.parameters()],
  ["setParameters", (network) => network.setParameters([])],
];

describe("after dispose", () => {
  it.each(calls)("49 %s raises StateError", async (_, call) => {
    const network = await small();
    network.dispose();
    await expect(async () => call(network)).rejects.toThrow(StateError);
  });

  it("50 a second dispose does nothing, and `using` disposes", async () => {
    const network = await small();
    network.dispose();
    network.dispose();
    const used = await small();
    used[Symbol.dispose]();
    expect(() => used.predict(x)).toThrow(StateError);
  });
});

describe("while fit runs", () => {
  it("51–53 dispose, a second fit, trainStep and setParameters raise StateError, and the first goes on", async () => {
    const [network, twin] = [await small(), await small()];
    const refused: string[] = [];
    const attempt = async (call: () => unknown) => {
      await expect(async () => call()).rejects.toThrow(StateError);
      refused.push("one");
    };
    const parameters = network.parameters();
    const options = { epochs: 3, batchSize: 7 };
    await network.fit(x, y, {
      ...options,
      onEpoch: async () => {
        await attempt(() => network.dispose());
        await attempt(() => network.fit(x, y, { epochs: 1 }));
        await attempt(() => network.trainStep(x, y, { optimizer: adam() }));
        await attempt(() => network.gradients(x, y));
        await attempt(() => network.setParameters(parameters));
      },
    });
    await twin.fit(x, y, options);
    expect(refused).toHaveLength(15);
    expect(hashOf(network.parameters())).toBe(hashOf(twin.parameters()));
  });

  it("54 predict and evaluate see the last whole step", async () => {
    const [network, twin] = [await small(), await small()];
    const optimizer = adam();
    const seen: number[][][] = [];
    await network.fit(x, y, {
      epochs: 3,
      batchSize: m,
      onStep: () => seen.push(network.predict(x).toArray()),
    });
    for (const predicted of seen) {
      twin.trainStep(x, y, { optimizer });
      expect(predicted).toEqual(twin.predict(x).toArray());
    }
    expect(seen).toHaveLength(3);
  });

  it("55 a callback's error comes out of fit, and the network goes on", async () => {
    const network = await small();
    const mistake = new Error("a mistake of the caller's");
    const failing = network.fit(x, y, {
      epochs: 1,
      onEpoch: () => {
        throw mistake;
      },
    });
    await expect(failing).rejects.toBe(mistake);
    expect((await network.fit(x, y, { epochs: 1, batchSize: m })).steps).toBe(1);
  });

  it("an optimizer belongs to the first network that it meets", async () => {
    const [first, second] = [await small(), await small()];
    const optimizer = adam();
    first.trainStep(x, y, { optimizer });
    expect(() => second.trainStep(x, y, { optimizer })).toThrow(StateError);
    expect(optimizer.steps).toBe(1);
  });
});

describe("abort", () => {
  it("56 a signal that is aborted already: no step", async () => {
    const network = await small();
    const history = await network.fit(x, y, { epochs: 5, signal: AbortSignal.abort() });
    expect(history).toMatchObject({
      loss: [],
      steps: 0,
      stoppedBy: "signal",
      reason: { name: "AbortError" },
    });
  });

  it("57 in mid-epoch: fit stops at the step's end with the history so far", async () => {
    const network = await small();
    const controller = new AbortController();
    const history = await network.fit(x, y, {
      epochs: 5,
      batchSize: 10,
      signal: controller.signal,
      onStep: ({ epoch, step }) => {
        if (epoch === 2 && step === 3) controller.abort();
      },
    });
    expect(history.stoppedBy).toBe("signal");
    expect(history.loss).toHaveLength(1);
    expect(history.steps).toBe(4 + 3);
  });

  it("a timer's abort arrives while fit runs: the event loop breathes", async () => {
    const network = await small({ layerDims: [200, 300, 200, 1] });
    const data = new Matrix(new Float32Array(600 * 200).fill(0.5), 600, 200);
    const labels = Array.from({ length: 600 }, (_, i) => i % 2);
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 100);
    const options = { epochs: 1_000_000, batchSize: 32, signal: controller.signal };
    expect((await network.fit(data, labels, options)).stoppedBy).toBe("signal");
  });
});

describe("resources", () => {
  it("58 [65536, 65536] raises ResourceError that says the bytes, and allocates nothing", async () => {
    const instance = await instanceOf(await small());
    const before = instance.memoryBytes;
    const error: unknown = await createNetwork({ layerDims: [65536, 65536], threads: 1 }).catch((e) => e);
    expect(error).toBeInstanceOf(ResourceError);
    expect(String(error)).toContain(String(2 * 4 * (65536 * 65536 + 65536)));
    await small();
    expect(instance.memoryBytes).toBe(before);
  });

  it("59 memory that can't grow raises ResourceError and loses nothing", async () => {
    const network = await small({ layerDims: [20_000, 5, 1] });
    const before = hashOf(network.parameters());
    const rows = 60_000; // 4.8 GB of inputs
    const { layers } = network.trainee;
    expect(() => layers.trainingMemory(rows)).toThrow(ResourceError);
    expect(hashOf(network.parameters())).toBe(before);
    expect(network.predict(new Matrix(new Float32Array(20_000), 1, 20_000)).rows).toBe(1);
  });

  it("a network begins with zeros in memory that others have used", async () => {
    const trained = async (network: Network) => {
      const zeros = network.trainee.layers.gradients.read();
      expect(zeros.every((zero) => zero === 0)).toBe(true);
      for (const { biases } of network.parameters()) expect(biases.every((bias) => bias === 0)).toBe(true);
      network.trainStep(x, y, { optimizer: adam() });
      return hashOf(network.parameters());
    };
    const clean = await trained(await small({ layerDims: [4, 5, 1] }));
    const { engine } = (await small()).trainee.layers;
    const sizes = [64, 128, 256, 512, 1024, 2048].flatMap((bytes) => Array<number>(20).fill(bytes));
    const rooms = sizes.map((bytes) =>
      engine.room("a test", { all: { type: "float32", length: bytes / 4 } }),
    );
    for (const room of rooms) room.spans.all.fill(Number.NaN);
    for (const room of rooms) room.release();
    expect(await trained(await small({ layerDims: [4, 5, 1] }))).toBe(clean);
  });

  it("10,000 networks made, used and disposed of leave memory as it was", async () => {
    const once = async () => {
      const network = await createNetwork({ layerDims: [4, 5, 1], seed: 1 });
      network.trainStep(x, y, { optimizer: adam(), keepProb: 0.5 });
      network.predict(x);
      const { memoryBytes } = await instanceOf(network);
      network.dispose();
      return memoryBytes;
    };
    const before = await once();
    for (let i = 0; i < 9_999; i++) await once();
    expect(await once()).toBe(before);
  });
});

describe("environment", () => {
  it("61 a missing file, or a page instead of it, raises EnvironmentError with status and first bytes", async () => {
    const server = createServer((request, response) => {
      response.statusCode = request.url === "/missing.wasm" ? 404 : 200;
      response.end("<!doctype html><title>Not what you asked for</title>");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const base = `http://127.0.0.1:${port}`;
      const failure = (path: string) =>
        compileSource("wasm", new URL(path, base).href).catch((error: unknown) => error);
      const missing = await failure("/missing.wasm");
      expect(missing).toBeInstanceOf(EnvironmentError);
      expect(String(missing)).toMatch(/missing\.wasm: .*status 404.*<!doctype html>/);
      const page = await failure("/page");
      expect(page).toBeInstanceOf(EnvironmentError);
      expect(String(page)).toMatch(/page: expected a WebAssembly file, got .*<!doctype html>/);
    } finally {
      server.close();
    }
  });

  it("61 a missing file on disk raises EnvironmentError", async () => {
    const missing = new URL("no-such-file.wasm", import.meta.url).href;
    await expect(compileSource("wasm", missing)).rejects.toThrow(EnvironmentError);
  });

  it("62 a .wasm file of other sources than its glue raises EnvironmentError", async () => {
    const wasm = await readFile(new URL("../ts/engine/wasm/pkg/layerwise_bg.wasm", import.meta.url));
    const number = wasm.indexOf(constant(BUILD));
    expect(number).toBeGreaterThan(0);
    wasm.set(constant(BUILD ^ 1), number);
    const { compile: compileBytes } = WebAssembly;
    WebAssembly.compile = () => compileBytes(wasm);
    vi.resetModules();
    try {
      const fresh = await import("../ts/index.js");
      const failure = await fresh.createNetwork({ layerDims: [2, 1], threads: 1 }).catch((error) => error);
      expect(failure).toBeInstanceOf(fresh.EnvironmentError);
      expect(String(failure)).toContain("expected the build that belongs to its glue");
    } finally {
      WebAssembly.compile = compileBytes;
    }
  });

  it("60 an engine without SIMD raises EnvironmentError", async () => {
    const { validate } = WebAssembly;
    WebAssembly.validate = () => false;
    try {
      await expect(compile("wasm")).rejects.toThrow(/128-bit SIMD/);
    } finally {
      WebAssembly.validate = validate;
    }
  });
});

describe("a trap in WebAssembly", () => {
  it("63 discards the instance: every network in it says so, and a new one works", async () => {
    const [network, other] = [await small(), await small()];
    const broken = network.trainee.layers;
    // An offset beyond memory, as a bug of ours would give.
    Object.assign(broken, { parameters: broken.parameters.part(9e8, broken.parameterCount) });
    expect(() => network.trainStep(x, y, { optimizer: adam() })).toThrow(InternalError);
    for (const [, call] of calls.filter(([name]) => name !== "setParameters")) {
      await expect(async () => call(other)).rejects.toThrow(InternalError);
    }
    const fresh = await small();
    expect((await fresh.fit(x, y, { epochs: 2, batchSize: m })).steps).toBe(2);
  });
});

/** WebAssembly's instruction i32.const, and the end of its function. */
function constant(value: number): Buffer {
  const bytes = [0x41];
  let rest = value | 0;
  for (let more = true; more; rest >>= 7) {
    more = rest >> 6 !== rest >> 31;
    bytes.push((rest & 127) | (more ? 128 : 0));
  }
  return Buffer.from([...bytes, 0x0b]);
}
