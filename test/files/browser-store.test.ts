import { IDBFactory, IDBObjectStore } from "fake-indexeddb";
import { beforeEach, expect, test, vi } from "vitest";
import {
  browserStore,
  ConfigError,
  createNetwork,
  loadNetwork,
  resumeTraining,
  StorageError,
} from "../../ts/index.js";
import { fitOptions, options, rejection, x, y } from "./small-files.js";

// IndexedDB in plain JavaScript, for its rules: one transaction, all or nothing. A real browser's is tried in
// the browser tests.
beforeEach(() => {
  vi.stubGlobal("indexedDB", new IDBFactory());
});

test("a network is saved and loaded by its name", async () => {
  using network = await createNetwork(options);
  await network.save("mine", { store: browserStore() });
  using loaded = await loadNetwork("mine", { store: browserStore() });
  expect(loaded.toBytes()).toEqual(network.toBytes());
});

test("names and databases are apart", async () => {
  using network = await createNetwork(options);
  await network.save("a", { store: browserStore() });
  const names = [
    loadNetwork("b", { store: browserStore() }),
    loadNetwork("a", { store: browserStore({ database: "other" }) }),
  ];
  for (const name of names) expect(await rejection(name)).toMatchObject({ code: "ERR_STORAGE" });
});

test("only the file's own bytes are stored, not the buffer that they stand in", async () => {
  const store = browserStore();
  await store.write("a", new Uint8Array(1000).subarray(10, 20), 0);
  const stored = await store.read("a", 0);
  expect(stored?.buffer.byteLength).toBe(10);
});

test("older generations move up, and the oldest goes", async () => {
  const store = browserStore();
  for (const byte of [1, 2, 3, 4]) await store.write("a", Uint8Array.of(byte), 2);
  const bytes = await Promise.all([0, 1, 2, 3].map((generation) => store.read("a", generation)));
  expect(bytes.map((file) => file?.[0])).toEqual([4, 3, 2, undefined]);
});

test("a write that fails leaves all generations as they were", async () => {
  const store = browserStore();
  for (const byte of [1, 2]) await store.write("a", Uint8Array.of(byte), 1);
  const { put } = IDBObjectStore.prototype;
  let puts = 0;
  const broken = vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(function (
    this: IDBObjectStore,
    ...args
  ) {
    puts += 1;
    if (puts === 2) throw new DOMException("the disk is full", "QuotaExceededError");
    return put.apply(this, args);
  });
  const error = await rejection(store.write("a", Uint8Array.of(3), 1));
  broken.mockRestore();
  expect(error).toBeInstanceOf(StorageError);
  expect(String(error)).toContain("QuotaExceededError");
  expect([(await store.read("a", 0))?.[0], (await store.read("a", 1))?.[0]]).toEqual([2, 1]);
});

test("a training is checkpointed and resumed", async () => {
  const store = browserStore();
  const stop = new AbortController();
  const onStep = ({ epoch, step }: { epoch: number; step: number }) =>
    void (epoch === 2 && step === 3 && stop.abort());
  using whole = await createNetwork(options);
  const history = await whole.fit(x, y, fitOptions);
  using network = await createNetwork(options);
  await network.fit(x, y, { ...fitOptions, signal: stop.signal, onStep, checkpoint: { path: "run", store } });
  const resumed = await resumeTraining("run", x, y, { store });
  expect(resumed.history).toEqual(history);
  expect(resumed.network.parameters()).toEqual(whole.parameters());
});

test("an unknown option is a ConfigError, and no IndexedDB a StorageError", async () => {
  expect(() => browserStore({ databse: "a" } as object)).toThrow(ConfigError);
  vi.stubGlobal("indexedDB", undefined);
  expect(await rejection(browserStore().read("a", 0))).toBeInstanceOf(StorageError);
});
