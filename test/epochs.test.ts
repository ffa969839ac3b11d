// fit, one epoch at a time: the same bits, nothing ahead of what is asked for, and an end that leaves the network whole.
import { describe, expect, it } from "vitest";
import {
  adam,
  ConfigError,
  createNetwork,
  DataError,
  type EpochReport,
  type FitOptions,
  type Network,
  StateError,
} from "../ts/index.js";
import { hashOf } from "./closeness.js";
import { MemoryStore } from "./files/small-files.js";
import { made } from "./made.js";

const x = Array.from({ length: 40 }, (_, i) => [Math.sin(i), Math.cos(3 * i), Math.sin(7 * i)]);
const y = x.map(([a = 0, b = 0]) => Number(a + b > 0));
const validation = { fraction: 0.25 };
const options = { epochs: 6, batchSize: 8, keepProb: 0.8, validation } as const;

const network = async (): Promise<Network> => made(await createNetwork({ layerDims: [3, 8, 1], seed: 3 }));

async function hashAfter(given: FitOptions): Promise<string> {
  const twin = await network();
  await twin.fit(x, y, given);
  return hashOf(twin.parameters());
}

it("gives fit's reports, history and bits", async () => {
  const [here, twin] = [await network(), await network()];
  const expected: EpochReport[] = [];
  const history = await twin.fit(x, y, { ...options, onEpoch: (report) => void expected.push(report) });
  const reports: EpochReport[] = [];
  const called: EpochReport[] = [];
  const run = here.epochs(x, y, { ...options, onEpoch: (report) => void called.push(report) });
  expect(run.history).toBeUndefined();
  for await (const epoch of run) {
    expect(run.history).toBeUndefined();
    reports.push(epoch);
  }
  expect(reports).toEqual(expected);
  expect(called).toEqual(expected);
  expect(Object.keys(reports[0] ?? {})).toEqual(["epoch", "loss", "lastLoss", "learningRate", "validation"]);
  expect(run.history).toEqual(history);
  expect(hashOf(here.parameters())).toBe(hashOf(twin.parameters()));
  expect((await run.next()).done).toBe(true);
  expect(await here.fit(x, y, { epochs: 0 })).toHaveProperty("steps", 0); // It is free again.
});

it("an epoch begins when it is asked for, and the network can be used between two", async () => {
  const here = await network();
  const run = here.epochs(x, y, options);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(here.steps).toBe(0);
  for await (const { epoch, validation: scores } of run) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(here.steps).toBe(epoch * Math.ceil(30 / 8));
    expect(here.predict(x).rows).toBe(40);
    expect(() => here.trainStep(x, y, { optimizer: adam() })).toThrow(StateError);
    expect(() => here.dispose()).toThrow(StateError);
    expect(scores).toBeDefined();
  }
});

describe("leaving the loop ends the fit", () => {
  it("by break, at the step's end, with the best weights and a free network", async () => {
    const here = await network();
    const at: string[] = [];
    const store = new MemoryStore();
    const losses: number[] = [];
    const run = here.epochs(x, y, {
      epochs: 1000,
      batchSize: 8,
      validation,
      optimizer: adam({ learningRate: 0.3 }),
      earlyStopping: { patience: 1000 },
      checkpoint: { path: "c", store },
      warnings: false,
    });
    for await (const { epoch, validation: scores } of run) {
      at.push(hashOf(here.parameters()));
      losses.push(scores?.loss ?? Number.NaN);
      if (epoch === 9) break;
    }
    expect(run.history).toMatchObject({ stoppedBy: "signal", steps: 9 * 4, loss: { length: 9 } });
    expect(hashOf(here.parameters())).toBe(at[losses.indexOf(Math.min(...losses))]);
    expect(run.history?.best?.epoch).toBe(losses.indexOf(Math.min(...losses)) + 1);
    expect(store.generations).toHaveLength(1);
    expect(here.steps).toBe(36);
    await here.fit(x, y, { epochs: 1 });
  });

  it("by an error, which comes out", async () => {
    const here = await network();
    const run = here.epochs(x, y, options);
    const mine = new Error("mine");
    await expect(
      (async () => {
        for await (const { epoch } of run) if (epoch === 2) throw mine;
      })(),
    ).rejects.toBe(mine);
    expect(run.history?.loss).toHaveLength(2);
    expect(hashOf(here.parameters())).toBe(await hashAfter({ ...options, epochs: 2 }));
    here.dispose();
  });

  it("before the first epoch, nothing has begun", async () => {
    const here = await network();
    const run = here.epochs(x, y, options);
    await run.return();
    expect((await run.next()).done).toBe(true);
    expect(here.steps).toBe(0);
    here.dispose();
  });

  it("the signal ends it too, in an epoch or between two", async () => {
    const here = await network();
    for (const between of [true, false]) {
      const stop = new AbortController();
      const run = here.epochs(x, y, {
        ...options,
        signal: stop.signal,
        onStep: ({ epoch, step }) => {
          if (!between && epoch === 3 && step === 2) stop.abort("enough");
        },
      });
      const seen: number[] = [];
      for await (const { epoch } of run) {
        seen.push(epoch);
        if (!between || epoch < 2) continue;
        stop.abort("enough");
        await new Promise((resolve) => setTimeout(resolve, 10)); // The fit ends meanwhile.
      }
      expect(seen).toEqual([1, 2]);
      expect(run.history).toMatchObject({ stoppedBy: "signal", reason: "enough" });
    }
    const run = here.epochs(x, y, { ...options, signal: AbortSignal.abort("before") });
    for await (const _ of run) expect.unreachable();
    expect(run.history).toMatchObject({ stoppedBy: "signal", reason: "before", steps: 0 });
  });
});

it("early stopping and 0 epochs end it", async () => {
  const here = await network();
  const stopped = here.epochs(x, y, { ...options, epochs: 500, earlyStopping: { patience: 2 } });
  let last = 0;
  for await (const { epoch } of stopped) last = epoch;
  expect(stopped.history?.stoppedBy).toBe("earlyStopping");
  expect(stopped.history?.loss).toHaveLength(last);
  const none = here.epochs(x, y, { epochs: 0 });
  for await (const _ of none) expect.unreachable();
  expect(none.history?.stoppedBy).toBe("epochs");
});

describe("errors are fit's", () => {
  it("of options and of a busy network at the call, of data in the loop; the network goes on", async () => {
    const here = await network();
    expect(() => here.epochs(x, y, { epochs: 1.5 })).toThrow(ConfigError);
    expect(() => here.epochs(x, y, { epochs: 1, onEpoch: 3 as never })).toThrow(ConfigError);
    expect(() => here.epochs(x, y, { epochs: 1, learningrate: 3 } as never)).toThrow("learningRate");
    const bad = here.epochs([[Number.NaN, 0, 0]], [1], { epochs: 1 });
    await expect(bad.next()).rejects.toBeInstanceOf(DataError);
    expect(bad.history).toBeUndefined();
    expect((await bad.next()).done).toBe(true);
    const [first, second] = [here.epochs(x, y, options), here.epochs(x, y, options)];
    await first.next();
    expect(() => here.epochs(x, y, options)).toThrow(StateError);
    await expect(second.next()).rejects.toBeInstanceOf(StateError);
    expect(await first.next()).toMatchObject({ done: false, value: { epoch: 2 } });
    await first.return();
    expect(hashOf(here.parameters())).toBe(await hashAfter({ ...options, epochs: 2 }));
  });

  it("what onEpoch throws comes out of the loop", async () => {
    const here = await network();
    const mine = new Error("mine");
    const run = here.epochs(x, y, {
      ...options,
      onEpoch: () => {
        throw mine;
      },
    });
    await expect(run.next()).rejects.toBe(mine);
    await here.fit(x, y, { epochs: 1 });
  });

  it("after dispose", async () => {
    const here = await createNetwork({ layerDims: [3, 1] });
    const run = here.epochs(x, y, options);
    here.dispose();
    await expect(run.next()).rejects.toBeInstanceOf(StateError);
  });
});

it("several that are asked for at once come one after another", async () => {
  const here = await network();
  const run = here.epochs(x, y, { ...options, epochs: 3 });
  const results = await Promise.all([run.next(), run.next(), run.next(), run.next()]);
  expect(results.map(({ done, value }) => (done ? "end" : value?.epoch))).toEqual([1, 2, 3, "end"]);
  expect(run.history?.loss).toHaveLength(3);
});
