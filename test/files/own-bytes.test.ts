// Bytes that somebody else changes after the call has begun: what is loaded is what was there at the call.
import { describe, expect, test } from "vitest";
import {
  adam,
  createNetwork,
  loadNetwork,
  type ModelStore,
  type Network,
  resumeTraining,
} from "../../ts/index.js";
import { checkpointsOf, fitOptions, MemoryStore, options, rejection, storeOf, x, y } from "./small-files.js";

const first = await createNetwork({ ...options, seed: 1 });
const second = await createNetwork({ ...options, seed: 2 });

/** Turns of the event loop and of the microtasks after which `change` is made. */
const TIMES = [0, 1, 2, 3, 5, 8, 13, 21];

async function inTicks(ticks: number, change: () => void): Promise<void> {
  for (let tick = 0; tick < ticks; tick++) await undefined;
  change();
}

// ES2024's resizable buffers, of which the types of ES2022 know nothing.
function resizable(length: number): ArrayBuffer {
  return Reflect.construct(ArrayBuffer, [length, { maxByteLength: 2 * length }]);
}

function resize(buffer: ArrayBufferLike, length: number): void {
  Reflect.apply(Reflect.get(ArrayBuffer.prototype, "resize"), buffer, [length]);
}

/** What others may do to bytes that they have given away. */
const CHANGES: [string, (length: number) => Uint8Array, (bytes: Uint8Array) => void][] = [
  ["filled", (length) => new Uint8Array(length), (bytes) => void bytes.fill(255)],
  ["filled with another file", (length) => new Uint8Array(length), (bytes) => bytes.set(second.toBytes())],
  [
    "transferred",
    (length) => new Uint8Array(length),
    (bytes) => void structuredClone(bytes, { transfer: [bytes.buffer] }),
  ],
  ["made smaller", (length) => new Uint8Array(resizable(length)), (bytes) => resize(bytes.buffer, 8)],
  [
    "made smaller, seen from its middle",
    (length) => new Uint8Array(resizable(8 + length), 8, length),
    (bytes) => resize(bytes.buffer, 4),
  ],
  [
    "filled in shared memory",
    (length) => new Uint8Array(new SharedArrayBuffer(length)),
    (bytes) => void bytes.fill(255),
  ],
  [
    "filled in a Buffer's shared memory",
    (length) => Buffer.from(new SharedArrayBuffer(length)),
    (bytes) => void bytes.fill(255),
  ],
  [
    "filled in a part of a Buffer",
    (length) => Buffer.alloc(length + 9).subarray(3, 3 + length),
    (bytes) => void bytes.fill(255),
  ],
];

function expectSame(network: Network, expected: Network): void {
  expect(network.parameters()).toEqual(expected.parameters());
  network.dispose();
}

describe.each(CHANGES)("bytes that are %s", (_what, make, change) => {
  test("while loadNetwork waits", async () => {
    for (const ticks of TIMES) {
      const file = first.toBytes();
      const bytes = make(file.length);
      bytes.set(file);
      const loading = loadNetwork(bytes);
      await inTicks(ticks, () => change(bytes));
      expectSame(await loading, first);
    }
  });

  test("while loadNetwork starts threads", async () => {
    const file = first.toBytes();
    const bytes = make(file.length);
    bytes.set(file);
    const loading = loadNetwork(bytes, { threads: 2 });
    change(bytes);
    expectSame(await loading, first);
  });

  test("after a store has read them", async () => {
    for (const ticks of TIMES) {
      const file = first.toBytes();
      const bytes = make(file.length);
      bytes.set(file);
      let changed: Promise<void> | undefined;
      const store: ModelStore = {
        write: async () => {},
        read: async () => {
          // From the moment on that the loader has them.
          changed = inTicks(4 + ticks, () => change(bytes));
          return bytes;
        },
      };
      expectSame(await loadNetwork("a", { store }), first);
      await changed;
    }
  });
});

test("an ArrayBuffer is copied too", async () => {
  const { buffer } = first.toBytes();
  const loading = loadNetwork(buffer);
  new Uint8Array(buffer).fill(255);
  expectSame(await loading, first);
});

test.each([
  ["bytes", (bytes: Uint8Array) => bytes],
  ["an ArrayBuffer", (bytes: Uint8Array) => bytes.buffer as ArrayBuffer],
])("%s transferred before the call are a DataError", async (_what, as) => {
  const bytes = first.toBytes();
  structuredClone(bytes, { transfer: [bytes.buffer] });
  expect(await rejection(loadNetwork(as(bytes)))).toMatchObject({ code: "ERR_DATA", path: "source" });
});

describe("a store that reads into the same memory each time", () => {
  /** Networks 1 and 2, read into one buffer, at once or as a disk would. */
  function reusing(slow: boolean): ModelStore & { most: number } {
    const files = new Map([
      ["1", first.toBytes()],
      ["2", second.toBytes()],
    ]);
    const memory = new Uint8Array(10_000);
    let reading = 0;
    const store = {
      most: 0,
      write: async () => {},
      read: async (name: string, generation: number) => {
        reading += 1;
        store.most = Math.max(store.most, reading);
        const file = files.get(name);
        if (slow) await new Promise((resolve) => setTimeout(resolve, 2));
        reading -= 1;
        if (file === undefined || generation > 0) return undefined;
        memory.set(file);
        return memory.subarray(0, file.length);
      },
    };
    return store;
  }

  test.each([true, false])("gives each of two loads its own network (slow: %s)", async (slow) => {
    const store = reusing(slow);
    for (let round = 0; round < 5; round++) {
      const loads = ["1", "2", "1", "2"].map((name) => loadNetwork(name, { store }));
      for (const [i, network] of (await Promise.all(loads)).entries()) {
        expectSame(network, i % 2 === 0 ? first : second);
      }
    }
    expect(store.most).toBe(1);
  });

  test("also where one of them isn't there", async () => {
    const store = reusing(true);
    const loads = ["1", "none", "2"].map((name) => loadNetwork(name, { store }));
    const [one, none, two] = await Promise.allSettled(loads);
    expect(none).toMatchObject({ status: "rejected", reason: { code: "ERR_STORAGE", path: "none" } });
    if (one?.status !== "fulfilled" || two?.status !== "fulfilled") return expect.unreachable("both load");
    expectSame(one.value, first);
    expectSame(two.value, second);
  });

  test("resumes the fit that it read", async () => {
    using network = await createNetwork(options);
    const checkpoints = await checkpointsOf(network, { ...fitOptions, optimizer: adam() });
    const memory = new Uint8Array(checkpoints[5] ?? []);
    const store = storeOf(memory);
    const resuming = resumeTraining("-", x, y, {
      store: { read: (...at) => store.read(...at), write: async () => {} },
    });
    for (let tick = 0; tick < 30; tick++) await undefined;
    memory.fill(255);
    const resumed = await resuming;
    expectSame(resumed.network, network);
  });
});

test.each([null, "bytes", 5, {}, [1, 2]])("a store that reads %j is a StorageError", async (found) => {
  const store = { write: async () => {}, read: async () => found } as unknown as ModelStore;
  const expected = { code: "ERR_STORAGE", path: "a", expected: "a Uint8Array or undefined from the store" };
  expect(await rejection(loadNetwork("a", { store }))).toMatchObject(expected);
  expect(await rejection(resumeTraining("a", x, y, { store }))).toMatchObject(expected);
});

test("the bytes that a store is given are its own", async () => {
  const given: Uint8Array[] = [];
  const store: ModelStore = {
    read: async () => undefined,
    write: async (_name, bytes) => {
      given.push(bytes.slice());
      bytes.fill(255);
    },
  };
  using network = await createNetwork(options);
  using twin = await createNetwork(options);
  const memory = new MemoryStore();
  const training = { ...fitOptions, epochs: 1 };
  await network.save("a", { store });
  await network.save("a", { store });
  expect(given[0]).toEqual(given[1]);
  await network.fit(x, y, { ...training, checkpoint: { path: "-", store, everySteps: 1 } });
  await twin.fit(x, y, { ...training, checkpoint: { path: "-", store: memory, everySteps: 1 } });
  expect(given[given.length - 1]).toEqual(memory.generations[0]);
  expect(network.toBytes()).toEqual(twin.toBytes());
});

test("options of resumeTraining that change after the call are as they were at it", async () => {
  using network = await createNetwork(options);
  const checkpoints = await checkpointsOf(network, fitOptions);
  const store = storeOf(checkpoints[5]);
  const given = { store, epochs: 3, checkpoint: { everySteps: 1, keep: 9 }, onRecovery: () => {} };
  const resuming = resumeTraining("-", x, y, given);
  Object.assign(given, { epochs: 7, store: undefined, onRecovery: "nonsense" });
  Object.assign(given.checkpoint, { everySteps: Number.NaN, keep: 100 });
  expectSame((await resuming).network, network);
});
