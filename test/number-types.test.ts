// Each number type has .wasm files of its own, and a program loads those of the types that it computes in.
import fs from "node:fs";
import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { buildsRead, buildFile as file } from "./builds-read.js";

const [x, y] = [
  [
    [0, 1],
    [1, 0],
    [1, 1],
  ],
  [1, 1, 0],
];

/** A fresh package, which has loaded nothing. */
let layerwise: typeof import("../ts/index.js");

beforeEach(async () => {
  vi.resetModules();
  layerwise = await import("../ts/index.js");
});

afterEach(() => {
  vi.restoreAllMocks();
});

const create = (dtype: "float32" | "float64", threads = 1) =>
  layerwise.createNetwork({ layerDims: [2, 3, 1], dtype, threads });
const failure = (work: Promise<unknown>) => work.catch((error: unknown) => error);

describe("of the files are loaded", () => {
  it.each([
    ["float32", 1, "pkg"],
    ["float32", 2, "pkg-threads"],
    ["float64", 1, "pkg-float64"],
    ["float64", 2, "pkg-float64-threads"],
  ] as const)("by a network of %s on %i thread(s) its own", async (dtype, threads, build) => {
    const read = buildsRead();
    const network = await create(dtype, threads);
    expect(network.runtime.threads).toBe(threads);
    await network.fit(x, y, { epochs: 2, batchSize: 2, validation: { fraction: 0.4 } });
    network.dispose();
    expect(read).toEqual([build]);
  });

  it("by a saved network those of its type, and a resumed training too", async () => {
    const store = new Map<string, Uint8Array>();
    const kept = {
      read: async (path: string, generation: number) => (generation === 0 ? store.get(path) : undefined),
      write: async (path: string, bytes: Uint8Array) => void store.set(path, bytes),
    };
    const network = await create("float64");
    await network.fit(x, y, { epochs: 1, checkpoint: { path: "run", store: kept } });
    const bytes = network.toBytes();
    vi.resetModules();
    layerwise = await import("../ts/index.js");
    const read = buildsRead();
    await layerwise.loadNetwork(bytes, { threads: 1 });
    await layerwise.resumeTraining("run", x, y, { store: kept, threads: 1 });
    expect(read).toEqual(["pkg-float64"]);
  });

  it("by what belongs to no network those that are there, else float32's, with the same orders", async () => {
    const read = buildsRead();
    const order = async () => (await layerwise.miniBatches(x, y, { batchSize: 1 })).map((it) => it.indices);
    const [alone] = [await order()];
    expect(read).toEqual(["pkg"]);
    vi.resetModules();
    layerwise = await import("../ts/index.js");
    await create("float64");
    expect(await order()).toEqual(alone);
    vi.resetModules();
    layerwise = await import("../ts/index.js");
    layerwise.configure({ float64Wasm: file("pkg-float64") });
    expect(await order()).toEqual(alone);
    expect(read).toEqual(["pkg", "pkg-float64", "pkg-float64"]);
  });
});

describe("a gradient check, which computes in float64,", () => {
  it("loads its file while the caller waits, and once", async () => {
    const network = await create("float32");
    const read = buildsRead();
    const { ok, relativeError } = layerwise.gradientCheck(network, x, y);
    expect(ok).toBe(true);
    expect(layerwise.gradientCheck(network, x, y).relativeError).toBe(relativeError);
    const wider = await create("float64");
    wider.setParameters(network.parameters());
    expect(layerwise.gradientCheck(wider, x, y).relativeError).toBe(relativeError);
    expect(read).toEqual(["pkg-float64"]);
  });

  it.each([
    ["bytes", () => fs.readFileSync(file("pkg-float64"))],
    ["a compiled module", () => new WebAssembly.Module(fs.readFileSync(file("pkg-float64")))],
    ["a path", () => "ts/engine/wasm/pkg-float64/layerwise_bg.wasm"],
  ])("takes it from configure as %s", async (_, source) => {
    layerwise.configure({ float64Wasm: source() });
    const network = await create("float32");
    expect(layerwise.gradientCheck(network, x, y).ok).toBe(true);
  });

  it("raises EnvironmentError where only a promise has it, until there is a network of float64", async () => {
    layerwise.configure({ float64Wasm: readFile(file("pkg-float64")) });
    const network = await create("float32");
    const check = () => layerwise.gradientCheck(network, x, y);
    expect(check).toThrow(layerwise.EnvironmentError);
    expect(check).toThrow(
      /layerwise-float64\.wasm: .*configure\.float64Wasm is a Response or a promise.*network of that number type first/,
    );
    await create("float64");
    expect(check().ok).toBe(true);
  });
});

describe("a file of the other number type", () => {
  it.each([
    ["float32", "wasm", "pkg-float64"],
    ["float64", "float64Wasm", "pkg"],
  ] as const)("is refused for %s, and the right one then taken", async (dtype, option, other) => {
    layerwise.configure({ [option]: await readFile(file(other)) });
    const error = await failure(create(dtype));
    expect(error).toBeInstanceOf(layerwise.EnvironmentError);
    const name = dtype === "float32" ? "layerwise" : "layerwise-float64";
    const got = dtype === "float32" ? "float64" : "float32";
    expect(String(error)).toContain(
      `configure.${option}: expected kernels of ${dtype} (wasm/${name}.wasm), got those of ${got}`,
    );
    layerwise.configure({ [option]: file(dtype === "float32" ? "pkg" : "pkg-float64") });
    expect((await create(dtype)).predict([[0, 1]]).rows).toBe(1);
  });

  it("leaves one thread, and runtime.reason says so", async () => {
    layerwise.configure({ float64ThreadsWasm: file("pkg-threads") });
    const { runtime } = await create("float64", 2);
    expect(runtime.threads).toBe(1);
    expect(runtime.reason).toContain("kernels of float64 (wasm/layerwise-float64-threads.wasm)");
  });

  it("that isn't there is named with its option", async () => {
    layerwise.configure({ wasm: file("pkg"), float64Wasm: new URL("none.wasm", import.meta.url) });
    expect((await create("float32")).runtime.threads).toBe(1);
    const error = await failure(create("float64"));
    expect(error).toBeInstanceOf(layerwise.EnvironmentError);
    expect(String(error)).toContain("configure({ float64Wasm, float64ThreadsWasm, worker })");
  });
});
