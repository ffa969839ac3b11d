// What stays on the caller's side and is used from the worker: callbacks, signals, optimizers, stores.
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { ModelStore, StepReport } from "../../ts/index.js";
import { hashOf } from "../closeness.js";
import { errorOf, examples, inWorker, layerwise, SMALL } from "./package.js";

const { adam, createNetwork, gradientDescent, loadNetwork, momentum, resumeTraining, StateError } = layerwise;
const { x, y } = examples();

describe("callbacks", () => {
  it("get the reports of the network's fit, one after the other", async () => {
    const [here, there] = [await createNetwork(SMALL), await inWorker()];
    const calls = async (network: Pick<typeof there, "fit">) => {
      const reports: unknown[] = [];
      const note = (report: unknown) => void reports.push(report);
      await network.fit(x, y, { epochs: 3, batchSize: 30, onStep: note, onEpoch: note });
      return reports;
    };
    expect(await calls(there)).toEqual(await calls(here));
    here.dispose();
  });

  it("are waited for", async () => {
    const network = await inWorker();
    const optimizer = adam();
    const seen: unknown[] = [];
    const onStep = async ({ step }: StepReport) => {
      const before = network.steps;
      await new Promise((resolve) => setTimeout(resolve, 20));
      seen.push([step, before, network.steps, optimizer.steps]);
    };
    await network.fit(x, y, { epochs: 1, batchSize: 30, optimizer, onStep });
    expect(seen).toEqual([1, 2, 3].map((step) => [step, step, step, step]));
  });

  it.each([new Error("mine"), new TypeError("mine"), { any: "object" }, "a text", undefined])(
    "that raise end fit with what they raised: %s",
    async (thrown) => {
      const network = await inWorker();
      for (const name of ["onStep", "onEpoch"]) {
        const options = {
          epochs: 5,
          batchSize: 67,
          [name]: () => {
            throw thrown;
          },
        };
        expect(await errorOf(network.fit(x, y, options))).toBe(thrown);
      }
      expect(network.steps).toBe(2);
      await network.fit(x, y, { epochs: 1 });
    },
  );

  it("may call the network", async () => {
    const network = await inWorker();
    const losses: number[] = [];
    await network.fit(x, y, {
      epochs: 2,
      batchSize: 67,
      onEpoch: async () => losses.push((await network.evaluate(x, y)).loss),
    });
    expect(losses).toHaveLength(2);
    expect(losses[1]).toBe((await network.evaluate(x, y)).loss);
  });
});

it("warnings are the caller's process's", async () => {
  const warnings: string[] = [];
  const note = ({ message }: Error) => warnings.push(message);
  process.on("warning", note);
  const network = await inWorker();
  const wide = new layerwise.Matrix(
    x.data.map((value, i) => (i % 65 === 3 ? value * 1e4 : value)),
    67,
    65,
  );
  await network.fit(wide, y, { epochs: 1 });
  await new Promise((resolve) => setImmediate(resolve));
  process.off("warning", note);
  expect(warnings.join()).toContain("x");
});

describe("signals", () => {
  it("stop fit at the step's end, with their own reason", async () => {
    const network = await inWorker();
    for (const reason of [new Error("enough"), { my: "reason" }, "a text", undefined]) {
      const stop = new AbortController();
      let calls = 0;
      const onStep = () => {
        calls += 1;
        if (calls === 5) stop.abort(reason);
      };
      const history = await network.fit(x, y, { epochs: 1e6, batchSize: 30, signal: stop.signal, onStep });
      expect(history).toMatchObject({ steps: 5, stoppedBy: "signal" });
      expect(history.reason).toBe(stop.signal.reason);
    }
  });

  it("are heard while a callback's promise never settles", async () => {
    const network = await inWorker();
    const stop = new AbortController();
    const onEpoch = () => {
      setTimeout(() => stop.abort("enough"), 5);
      return new Promise(() => {});
    };
    const { loss, reason } = await network.fit(x, y, { epochs: 3, signal: stop.signal, onEpoch });
    expect([loss.length, reason]).toEqual([1, "enough"]);
  });

  it("that are aborted already, and those of a timeout", async () => {
    const network = await inWorker();
    const before = await network.fit(x, y, { epochs: 1, signal: AbortSignal.abort("before") });
    expect(before).toMatchObject({ steps: 0, stoppedBy: "signal", reason: "before" });
    const signal = AbortSignal.timeout(50);
    const history = await network.fit(x, y, { epochs: 1e9, signal });
    expect(history.stoppedBy).toBe("signal");
    expect(history.reason).toBe(signal.reason);
  });

  it("that abort while the data are being packed", async () => {
    const network = await inWorker();
    const large = examples(20_000);
    const stop = new AbortController();
    const training = network.fit(large.x, large.y, { epochs: 1e9, signal: stop.signal });
    stop.abort();
    expect(await training).toMatchObject({ stoppedBy: "signal" });
  });
});

describe("optimizers", () => {
  it.each([adam, momentum, gradientDescent])("go on when they are passed again (%o)", async (make) => {
    const [here, there] = [await createNetwork(SMALL), await inWorker()];
    const [ours, theirs] = [make(), make()];
    for (let i = 0; i < 2; i++) {
      await here.fit(x, y, { epochs: 2, batchSize: 30, optimizer: ours });
      await there.fit(x, y, { epochs: 2, batchSize: 30, optimizer: theirs });
    }
    expect(theirs.steps).toBe(ours.steps);
    expect(hashOf(await there.parameters())).toBe(hashOf(here.parameters()));
    here.dispose();
  });

  it("take turns in one network", async () => {
    const [here, there] = [await createNetwork(SMALL), await inWorker()];
    const [a, b, c, d] = [adam(), momentum(), adam(), momentum()];
    for (let i = 0; i < 3; i++) {
      here.trainStep(x, y, { optimizer: a });
      here.trainStep(x, y, { optimizer: b });
      void there.trainStep(x, y, { optimizer: c });
      void there.trainStep(x, y, { optimizer: d });
    }
    expect(hashOf(await there.parameters())).toBe(hashOf(here.parameters()));
    here.dispose();
  });

  it("belong to the network that they first trained, wherever it is", async () => {
    const [here, there, elsewhere] = [await createNetwork(SMALL), await inWorker(), await inWorker()];
    const [ours, theirs] = [adam(), adam()];
    here.trainStep(x, y, { optimizer: ours });
    await there.trainStep(x, y, { optimizer: theirs });
    expect(await errorOf(there.trainStep(x, y, { optimizer: ours }))).toBeInstanceOf(StateError);
    expect(await errorOf(elsewhere.trainStep(x, y, { optimizer: theirs }))).toBeInstanceOf(StateError);
    expect(() => here.trainStep(x, y, { optimizer: theirs })).toThrow(StateError);
    here.dispose();
  });

  it("stay where one call has them while another of the same network fails", async () => {
    const [there, elsewhere] = [await inWorker(), await inWorker()];
    const optimizer = adam();
    const failing = errorOf(there.trainStep([[1]], [1], { optimizer }));
    const training = there.fit(x, y, { epochs: 300, optimizer });
    await failing;
    expect(await errorOf(elsewhere.trainStep(x, y, { optimizer }))).toBeInstanceOf(StateError);
    await training;
  });

  it("that trained nothing are anybody's", async () => {
    const [here, there] = [await createNetwork(SMALL), await inWorker()];
    const optimizer = adam();
    await errorOf(there.trainStep([[1]], [1], { optimizer }));
    here.trainStep(x, y, { optimizer });
    expect(optimizer.steps).toBe(1);
    here.dispose();
  });
});

/** A store of the caller's, as a class with state of its own. */
class MemoryStore implements ModelStore {
  readonly #files = new Map<string, Uint8Array>();

  async write(name: string, bytes: Uint8Array): Promise<void> {
    this.#files.set(name, bytes);
  }

  async read(name: string, generation: number): Promise<Uint8Array | undefined> {
    return generation === 0 ? this.#files.get(name) : undefined;
  }
}

describe("checkpoints", () => {
  it("go to a store of the caller's, and training resumes from them to the bit", async () => {
    const whole = await createNetwork(SMALL);
    const options = { epochs: 4, batchSize: 30, optimizer: adam() };
    await whole.fit(x, y, options);
    const store = new MemoryStore();
    const network = await inWorker();
    const stop = new AbortController();
    const reports: unknown[] = [];
    await network.fit(x, y, {
      ...options,
      optimizer: adam(),
      signal: stop.signal,
      checkpoint: { path: "a", everySteps: 2, store },
      onCheckpoint: (report) => {
        reports.push(report);
        if (report.steps === 6) stop.abort();
      },
    });
    expect(reports).toEqual([2, 4, 6].map((steps) => ({ path: "a", steps })));
    const resumed = await resumeTraining("a", x, y, { store, threads: 1 });
    expect(hashOf(resumed.network.parameters())).toBe(hashOf(whole.parameters()));
    await network.save("b", { store });
    expect((await loadNetwork("b", { store })).steps).toBe(6);
    resumed.network.dispose();
    whole.dispose();
  });

  it("go to files, by a path or a URL", async () => {
    const folder = await mkdtemp(join(tmpdir(), "layerwise-worker-"));
    const network = await inWorker();
    await network.fit(x, y, { epochs: 1, checkpoint: { path: join(folder, "checkpoint"), keep: 0 } });
    await network.save(new URL(`file://${folder}/model`));
    expect((await readdir(folder)).sort()).toEqual(["checkpoint", "model"]);
    const loaded = await loadNetwork(join(folder, "model"));
    expect(hashOf(loaded.parameters())).toBe(hashOf(await network.parameters()));
    loaded.dispose();
    await rm(folder, { recursive: true });
  });

  it("a store that fails ends fit with its own error", async () => {
    const network = await inWorker();
    const failure = new Error("full");
    const store = { write: () => Promise.reject(failure), read: async () => undefined };
    expect(await errorOf(network.fit(x, y, { epochs: 1, checkpoint: { path: "a", store } }))).toBe(failure);
    expect(await errorOf(network.save("a", { store }))).toBe(failure);
  });
});
