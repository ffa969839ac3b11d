import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { curedError } from "../ts/engine/wasm/cure.js";

const WASM = new URL("../ts/engine/wasm/pkg/layerwise_bg.wasm", import.meta.url);
const THREADS_WASM = new URL("../ts/engine/wasm/pkg-threads/layerwise_bg.wasm", import.meta.url);
const WORKER = new URL("../ts/engine/wasm/worker.js", import.meta.url);
const MISSING = new URL("no-such-file.wasm", import.meta.url);

/** A fresh package: configure is for before its first network. */
let layerwise: typeof import("../ts/index.js");

beforeEach(async () => {
  vi.resetModules();
  layerwise = await import("../ts/index.js");
});

const create = (threads = 1) => layerwise.createNetwork({ layerDims: [2, 3, 1], threads });
const failure = (work: Promise<unknown>) => work.catch((error: unknown) => error);

describe("configure takes the build for one thread as", () => {
  const sources: Record<string, () => unknown> = {
    "a URL": () => WASM,
    "a file: URL as a text": () => WASM.href,
    "a path": () => fileURLToPath(WASM),
    bytes: () => readFile(WASM),
    "an ArrayBuffer": async () => (await readFile(WASM)).buffer.slice(0),
    "a compiled module": async () => new WebAssembly.Module(await readFile(WASM)),
    "a Response": async () => new Response(await readFile(WASM)),
    "a data: URL": async () => `data:application/wasm;base64,${(await readFile(WASM)).toString("base64")}`,
  };

  it.each(Object.entries(sources))("%s", async (_, make) => {
    const source = (await make()) as URL;
    layerwise.configure({ wasm: source });
    const network = await create();
    expect(network.predict([[0, 1]]).rows).toBe(1);
  });

  it("a promise of it", async () => {
    layerwise.configure({ wasm: readFile(WASM) });
    expect((await create()).runtime.threads).toBe(1);
  });
});

describe("configure", () => {
  it("takes the files of threads", async () => {
    layerwise.configure({ threadsWasm: THREADS_WASM, worker: WORKER });
    const network = await create(2);
    expect(network.runtime.threads).toBe(2);
    network.dispose();
  });

  it("leaves one thread where the files of threads aren't there, and runtime.reason names the file", async () => {
    layerwise.configure({ threadsWasm: MISSING });
    const { runtime } = await create(2);
    expect(runtime.threads).toBe(1);
    expect(runtime.reason).toContain(MISSING.href);
    expect(runtime.reason).toMatch(/import from "layerwise\/inline", which has one thread$/);
  });

  it("leaves one thread where the workers' script isn't there, and runtime.reason says what to copy", async () => {
    layerwise.configure({ threadsWasm: THREADS_WASM, worker: new URL("no-such-file.js", import.meta.url) });
    const { runtime } = await create(2);
    expect(runtime.threads).toBe(1);
    expect(runtime.reason).toMatch(
      /no-such-file\.js.*Copy worker\.js of node_modules\/layerwise\/dist\/wasm too/s,
    );
  });

  it("adds to what an earlier call gave", async () => {
    layerwise.configure({ wasm: WASM });
    layerwise.configure({ worker: WORKER });
    expect((await create()).runtime.threads).toBe(1);
  });

  it("raises StateError once there is a network, and not after a failure", async () => {
    layerwise.configure({ wasm: MISSING });
    expect(await failure(create())).toBeInstanceOf(layerwise.EnvironmentError);
    layerwise.configure({ wasm: WASM });
    await create();
    expect(() => layerwise.configure({ wasm: WASM })).toThrow(layerwise.StateError);
  });

  it.each([
    ["an unknown option", { wsm: WASM }, "configure.wsm"],
    ["a number", { wasm: 5 }, "configure.wasm"],
    ["an empty text", { wasm: "" }, "configure.wasm"],
    ["null", { threadsWasm: null }, "configure.threadsWasm"],
    ["a worker of bytes", { worker: new Uint8Array(4) }, "configure.worker"],
    ["no object", 5, "configure"],
  ])("refuses %s", (_, options, path) => {
    const call = () => layerwise.configure(options as object);
    expect(call).toThrow(layerwise.ConfigError);
    expect(call).toThrow(`${path}: expected`);
  });

  it("tells of a promise that rejects, or gives something else", async () => {
    const cause = new Error("no such asset");
    layerwise.configure({ wasm: Promise.reject(cause) });
    const error = await failure(create());
    expect(error).toBeInstanceOf(layerwise.EnvironmentError);
    expect(error).toMatchObject({ path: "configure.wasm", cause });
    layerwise.configure({ wasm: Promise.resolve(7) as unknown as URL });
    expect(await failure(create())).toBeInstanceOf(layerwise.ConfigError);
  });

  it("needs what it was given once only: a network after a trap is made of the same module", async () => {
    layerwise.configure({ wasm: new Response(await readFile(WASM)) });
    const network = await create();
    Object.assign(network.trainee.layers, { parameters: { part: () => 2 ** 32 - 4 } });
    const step = () => network.trainStep([[0, 1]], [1], { optimizer: layerwise.adam() });
    expect(step).toThrow(layerwise.InternalError);
    expect((await create()).predict([[0, 1]]).rows).toBe(1);
  });
});

describe("a file that can't be had or used", () => {
  let close = () => {};
  afterEach(() => close());

  /** The error for a server that answers so. */
  async function errorFrom(path: string, answer: Parameters<typeof createServer>[1]): Promise<Error> {
    const server = createServer(answer);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    close = () => server.close();
    const { port } = server.address() as AddressInfo;
    layerwise.configure({ wasm: `http://127.0.0.1:${port}${path}` });
    const error = await failure(create());
    expect(error).toBeInstanceOf(layerwise.EnvironmentError);
    return error as Error;
  }

  it("is named where the download breaks off", async () => {
    const error = await errorFrom("/layerwise.wasm", (_, response) => {
      response.writeHead(200, { "Content-Length": "1000" }).write("\0asm");
      setTimeout(() => response.destroy(), 20);
    });
    expect(error.message).toMatch(/^http:.*\/layerwise\.wasm: expected a whole download, got /);
    expect(error.cause).toBeInstanceOf(Error);
  });

  it("is named where there is no server", async () => {
    layerwise.configure({ wasm: "http://127.0.0.1:1/layerwise.wasm" });
    expect(String(await failure(create()))).toMatch(
      /^EnvironmentError: http:.*layerwise\.wasm: expected an answer/,
    );
  });

  it("leads from Vite's cache to optimizeDeps", async () => {
    const html = "<!doctype html><title>app</title>";
    const error = await errorFrom("/cache/.vite/deps/wasm/layerwise.wasm", (_, response) =>
      response.end(html),
    );
    expect(error.message).toContain('something that starts "<!doctype html>');
    expect(error.message).toContain('optimizeDeps: { exclude: ["layerwise"] }');
  });

  it.each([
    ["/_next/static/media/layerwise.1234.wasm", "TypeError: Failed to parse URL", "serverExternalPackages"],
    ["file:///app/.next/server/chunks/wasm/layerwise.wasm", "Error: ENOENT", "serverExternalPackages"],
    [
      "file:///var/task/wasm/layerwise.wasm",
      "Error: ENOENT",
      "Copy the folder node_modules/layerwise/dist/wasm",
    ],
    ["file:///var/task/wasm/layerwise.wasm", "Error: ENOENT", 'import from "layerwise/inline"'],
    [
      "https://a.b/w.wasm",
      "status 404, and something that starts",
      "configure({ wasm, threadsWasm, worker })",
    ],
    ["https://a.b/w.wasm", "TypeError: Failed to fetch", "connect-src"],
    [
      "https://a.b/w.wasm",
      "CompileError: WebAssembly.compile(): Refused to compile or instantiate WebAssembly module because " +
        "'unsafe-eval' is not an allowed source of script in the following Content Security Policy directive",
      "script-src 'wasm-unsafe-eval'",
    ],
    [
      "https://a.b/w.wasm",
      "CompileError: call to WebAssembly.compile() blocked by CSP",
      "'wasm-unsafe-eval'",
    ],
    [
      "configure.wasm",
      "CompileError: WebAssembly.compile(): Wasm code generation disallowed by embedder",
      'import wasm from "layerwise/wasm/layerwise.wasm"',
    ],
  ])("%s, %s: %s", (place, got, cure) => {
    const cause = new Error(got);
    const error = curedError("wasm", place, "a file", got, cause);
    expect(error.message).toContain(`${place}: expected a file, got ${got}. `);
    expect(error.message).toContain(cure);
    expect(error.cause).toBe(cause);
  });

  it("of fast math isn't looked for in layerwise/inline, which has none", () => {
    for (const [place, got] of [
      ["https://a.b/w.wasm", "status 404"],
      ["file:///app/w.wasm", "none"],
    ] as const) {
      const { message } = curedError("fastWasm", place, "a file", got);
      expect(message).toContain('import from "layerwise/inline", which has exact math alone');
    }
  });

  it("of float64 is told with its own name and option", () => {
    const cureOf = (place: string, got: string) => curedError("float64Wasm", place, "a file", got).message;
    expect(cureOf("configure.float64Wasm", "Wasm code generation disallowed by embedder")).toContain(
      'import float64Wasm from "layerwise/wasm/layerwise-float64.wasm"; configure({ float64Wasm })',
    );
    expect(cureOf("/app/.next/a.wasm", "Error: ENOENT")).toContain("layerwise-float64.wasm?module");
    expect(cureOf("https://a.b/w.wasm", "status 404")).toContain(
      "configure({ float64Wasm, float64ThreadsWasm, worker })",
    );
  });
});
