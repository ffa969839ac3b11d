// Callbacks that fail, or never settle, while a signal ends the fit; and what of the signal reaches the history.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createNetwork, type FitOptions, loadNetwork, type Network } from "../ts/index.js";
import { MemoryStore } from "./files/small-files.js";
import { made, small } from "./made.js";

const x = Array.from({ length: 12 }, (_, i) => [i % 3, (i % 7) - 3, (i % 5) / 4, -(i % 2)]);
const y = Array.from({ length: 12 }, (_, i) => i % 2);

const unhandled: unknown[] = [];
const note = (reason: unknown) => unhandled.push(reason);
beforeEach(() => {
  unhandled.length = 0;
  process.on("unhandledRejection", note);
});
afterEach(async () => {
  await later(20);
  process.off("unhandledRejection", note);
  expect(unhandled).toEqual([]);
});

const later = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const never = () => new Promise(() => undefined);

/** Fits with one callback, and aborts some time after it was first called. */
async function fitWith(
  name: "onStep" | "onEpoch" | "onCheckpoint",
  callback: (signal: AbortSignal) => unknown,
  network?: Network,
) {
  const stop = new AbortController();
  const options: FitOptions = {
    epochs: 50,
    batchSize: 4,
    signal: stop.signal,
    checkpoint: { path: "-", store: new MemoryStore(), everySteps: 2 },
    [name]: () => {
      setTimeout(() => stop.abort("enough"), 5);
      return callback(stop.signal);
    },
  };
  return (network ?? (await small())).fit(x, y, options);
}

describe.each(["onStep", "onEpoch", "onCheckpoint"] as const)("%s", (name) => {
  it("that never settles doesn't keep fit from ending on abort", async () => {
    const network = await small();
    const history = await fitWith(name, never, network);
    expect(history).toMatchObject({ stoppedBy: "signal", reason: "enough" });
    expect(network.steps).toBe(history.steps);
    await network.fit(x, y, { epochs: 1 });
  });

  it("that returns a thenable that never settles, the same", async () => {
    const THEN: string = "then";
    const thenable = { [THEN]: () => undefined };
    expect(await fitWith(name, () => thenable)).toMatchObject({ stoppedBy: "signal" });
  });

  it("that rejects after the abort is heard no more", async () => {
    const failing = (signal: AbortSignal) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => setTimeout(reject, 5, new Error("late")));
      });
    expect(await fitWith(name, failing)).toMatchObject({ stoppedBy: "signal" });
    await later(30);
  });

  it("that rejects before the abort ends fit with its error", async () => {
    await expect(fitWith(name, () => Promise.reject(new Error("soon")))).rejects.toThrow("soon");
  });

  it("that aborts and then fails is heard", async () => {
    const stop = new AbortController();
    const network = await small();
    const failing = async () => {
      stop.abort();
      throw new Error("both");
    };
    const checkpoint = { path: "-", store: new MemoryStore(), everySteps: 1 };
    const fit = network.fit(x, y, { epochs: 9, signal: stop.signal, checkpoint, [name]: failing });
    await expect(fit).rejects.toThrow("both");
    await network.fit(x, y, { epochs: 1 });
  });

  it("is waited for where nothing aborts", async () => {
    let settledCalls = 0;
    const stop = new AbortController();
    const slow = async () => {
      await later(2);
      settledCalls += 1;
    };
    const network = await small();
    const store = new MemoryStore();
    const checkpoint = { path: "-", store, everySteps: 1 };
    await network.fit(x, y, { epochs: 2, signal: stop.signal, checkpoint, [name]: slow });
    expect(settledCalls).toBe(2);
  });
});

it("a thousand callbacks leave no listener on the signal", async () => {
  const stop = new AbortController();
  let listeners = 0;
  const { signal } = stop;
  const { addEventListener, removeEventListener } = signal;
  Object.assign(signal, {
    addEventListener: (...args: Parameters<typeof addEventListener>) => {
      listeners += 1;
      addEventListener.apply(signal, args);
    },
    removeEventListener: (...args: Parameters<typeof removeEventListener>) => {
      listeners -= 1;
      removeEventListener.apply(signal, args);
    },
  });
  await (await small()).fit(x, y, { epochs: 1000, signal, onStep: () => Promise.resolve() });
  expect(listeners).toBe(0);
});

describe("the history's reason", () => {
  const stopped = async (signal: AbortSignal, onStep?: () => void) =>
    (await small()).fit(x, y, { epochs: 1e6, batchSize: 4, signal, ...(onStep && { onStep }) });

  it.each([["early"], [{ why: "an object" }], [new Error("an error")], [0], [null]])(
    "is what abort was given: %o",
    async (reason) => {
      const stop = new AbortController();
      const history = await stopped(stop.signal, () => stop.abort(reason));
      expect(history.stoppedBy).toBe("signal");
      expect(history.reason).toBe(reason);
      expect((await stopped(AbortSignal.abort(reason))).reason).toBe(reason);
    },
  );

  it("is an AbortError of abort(), and a TimeoutError of AbortSignal.timeout", async () => {
    const stop = new AbortController();
    expect(await stopped(stop.signal, () => stop.abort())).toMatchObject({ reason: { name: "AbortError" } });
    expect(await stopped(AbortSignal.timeout(20))).toMatchObject({ reason: { name: "TimeoutError" } });
  });

  it("isn't there where all epochs were run", async () => {
    const { signal } = new AbortController();
    const history = await (await small()).fit(x, y, { epochs: 1, signal });
    expect(history).toEqual({
      loss: [expect.any(Number)],
      learningRate: [0.001],
      steps: 1,
      stoppedBy: "epochs",
    });
  });
});

it("a network that was aborted in a callback can be saved", async () => {
  const network = await small();
  await fitWith("onStep", never, network);
  expect(made(await loadNetwork(network.toBytes())).steps).toBe(network.steps);
  expect((await createNetwork({ layerDims: [1, 1] })).steps).toBe(0);
});
