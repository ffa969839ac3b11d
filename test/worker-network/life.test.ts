// The worker's life: dispose, death, and a network that is forgotten.
import { execFile } from "node:child_process";
import { syncBuiltinESMExports } from "node:module";
import { promisify } from "node:util";
import workerThreads from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { errorOf, examples, inWorker, layerwise } from "./package.js";

const { createNetwork, createWorkerNetwork, EnvironmentError, InternalError, StateError } = layerwise;
const { x, y } = examples();

describe("dispose", () => {
  it("ends the network; a second call does nothing; all others are a StateError", async () => {
    const network = await inWorker();
    await Promise.all([network.dispose(), network.dispose()]);
    await network.dispose();
    const calls = [network.fit(x, y, { epochs: 1 }), network.predict(x), network.parameters()];
    for (const call of calls) {
      const error = await errorOf(call);
      expect(error).toBeInstanceOf(StateError);
      expect(error).toMatchObject({ path: "network", got: "one that was" });
    }
    expect(network.config.layerDims).toEqual([65, 257, 130, 3]);
  });

  it("comes after the calls before it, and before those after it", async () => {
    const network = await inWorker();
    const before = network.predict(x);
    const disposal = network.dispose();
    const after = errorOf(network.predict(x));
    expect((await before).rows).toBe(67);
    await disposal;
    expect(await after).toBeInstanceOf(StateError);
  });

  it("is a StateError while fit runs, which goes on; so is a second fit", async () => {
    const network = await inWorker();
    const stop = new AbortController();
    const training = network.fit(x, y, { epochs: 1e9, signal: stop.signal });
    expect(await errorOf(network.dispose())).toMatchObject({ code: "ERR_STATE", path: "dispose" });
    expect(await errorOf(network.fit(x, y, { epochs: 1 }))).toMatchObject({ code: "ERR_STATE", path: "fit" });
    stop.abort();
    expect((await training).stoppedBy).toBe("signal");
    await network.dispose();
  });

  it("is what `await using` calls", async () => {
    const network = await inWorker();
    await network[Symbol.asyncDispose]();
    expect(await errorOf(network.toBytes())).toBeInstanceOf(StateError);
  });
});

const SMALL_HEAP = { maxOldGenerationSizeMb: 30, maxYoungGenerationSizeMb: 4 };

describe("a worker that dies", () => {
  const { Worker } = workerThreads;
  const started: InstanceType<typeof Worker>[] = [];
  let file: URL | undefined;

  beforeAll(() => {
    workerThreads.Worker = class extends Worker {
      constructor(url: URL, options: object) {
        super(file ?? url, { ...options, ...(file !== undefined && { resourceLimits: SMALL_HEAP }) });
        started.push(this);
      }
    };
    syncBuiltinESMExports();
  });

  afterAll(() => {
    workerThreads.Worker = Worker;
    syncBuiltinESMExports();
  });

  it("in the middle of a fit: InternalError for all that waits and all later calls; dispose is quiet", async () => {
    const network = await inWorker();
    const training = errorOf(network.fit(x, y, { epochs: 1e9 }));
    await new Promise((resolve) => setTimeout(resolve, 100));
    await started.at(-1)?.terminate();
    for (const call of [training, errorOf(network.predict(x)), errorOf(network.parameters())]) {
      const error = await call;
      expect(error).toBeInstanceOf(InternalError);
      expect(String(error)).toContain(
        "worker: expected one that lives until dispose, got it ended with code 1",
      );
    }
    await network.dispose();
  });

  it("while nothing waits, by its own error, or out of memory", async () => {
    const programs = {
      "throw new RangeError('mine')": "mine",
      "process.exit(3)": "it ended with code 3",
      "let list; for (;;) list = { list }": "memory",
    };
    for (const [program, reason] of Object.entries(programs)) {
      const text = `
        import { parentPort } from "node:worker_threads";
        parentPort.on("message", ({ type, call }) => {
          if (type !== "create") return;
          const object = (fields) => ({ kind: "object", name: "", fields, methods: [] });
          const layers = { kind: "array", length: 0, entries: [] };
          const value = object([["config", object([["layers", layers]])]]);
          parentPort.postMessage({ type: "done", call, ok: true, value, steps: 0, optimizers: [] });
          parentPort.on("message", () => { ${program} });
        });
        parentPort.postMessage("ready");
      `;
      file = new URL(`data:text/javascript,${encodeURIComponent(text)}`);
      const network = await createWorkerNetwork({ layerDims: [1, 1] });
      file = undefined;
      const error = await errorOf(network.parameters());
      expect(error).toBeInstanceOf(InternalError);
      expect(String(error)).toContain(reason);
      expect(await errorOf(network.parameters())).toBe(error);
      await network.dispose();
    }
  });

  it("before it begins: an EnvironmentError that names its file", async () => {
    for (const [place, reason] of [
      [new URL("./no-such-file.js", import.meta.url), "no-such-file"],
      [new URL("data:text/javascript,throw new Error('broken')"), "broken"],
      [new URL("data:text/javascript,process.exit(4)"), "code 4"],
    ] as const) {
      file = place;
      const error = await errorOf(createWorkerNetwork({ layerDims: [1, 1] }));
      file = undefined;
      expect(error).toBeInstanceOf(EnvironmentError);
      expect(String(error)).toContain("network-worker.js: expected a worker of this file");
      expect(String(error)).toContain(reason);
    }
  });
});

describe("a process", () => {
  const run = (program: string, ...flags: string[]) => {
    const index = new URL("../../dist/index.js", import.meta.url).href;
    const text = `import * as layerwise from ${JSON.stringify(index)};\n${program}`;
    const args = [...flags, "--input-type=module", "-e", text];
    return promisify(execFile)(process.execPath, args, { timeout: 40_000 });
  };

  it("ends although a network was forgotten", async () => {
    const program = `
      const network = await layerwise.createWorkerNetwork({ layerDims: [65, 257, 3], threads: 2 });
      await network.predict([new Array(65).fill(0)]);
      process.on("exit", () => console.log("over", network.steps));
    `;
    expect((await run(program)).stdout).toBe("over 0\n");
  });

  it("stays for what was asked", async () => {
    const program = `
      layerwise
        .createWorkerNetwork({ layerDims: [2, 100, 1] })
        .then((network) => network.fit([[1, 2]], [1], { epochs: 20000 }))
        .then(({ steps }) => console.log(steps));
    `;
    expect((await run(program)).stdout).toBe("20000\n");
  });

  it("has the worker of a collected network ended, but not while a call waits", async () => {
    const program = `
      import { Worker } from "node:worker_threads";
      import { setTimeout } from "node:timers/promises";
      let ended = 0;
      const { emit } = Worker.prototype;
      Worker.prototype.emit = function (event, ...rest) {
        if (event === "exit") ended += 1;
        return emit.call(this, event, ...rest);
      };
      const fit = async () => {
        const network = await layerwise.createWorkerNetwork({ layerDims: [2, 100, 1] });
        return network.fit([[1, 2]], [1], { epochs: 1e9, signal: AbortSignal.timeout(1500) });
      };
      const training = fit();
      for (let i = 0; i < 8; i++) {
        await setTimeout(100);
        gc();
      }
      console.log("while it trains", ended);
      console.log((await training).stoppedBy);
      for (let i = 0; i < 100 && ended === 0; i++) {
        await setTimeout(50);
        gc();
      }
      console.log("afterwards", ended);
    `;
    expect((await run(program, "--expose-gc")).stdout).toBe("while it trains 0\nsignal\nafterwards 1\n");
  });
});

it("a network here and one in a worker share nothing", async () => {
  const here = await createNetwork({ layerDims: [65, 3], outputActivation: "softmax" });
  const there = await inWorker({ layerDims: [65, 3] });
  await there.dispose();
  expect(here.predict(x).rows).toBe(67);
  here.dispose();
});
