// What comes in may be megabytes long: the message about it is a few lines.
import { expect, test, vi } from "vitest";
import { LayerwiseError, StorageError, shortened } from "../ts/errors/errors.js";
import {
  type CreateOptions,
  createNetwork,
  type FitOptions,
  gradientCheck,
  loadNetwork,
  type ModelStore,
  resumeTraining,
} from "../ts/index.js";
import { fileOf, forged } from "./files/signing.js";
import { options, rejection, storeOf, x, y } from "./files/small-files.js";

const LONG = "k".repeat(4_000_000);
const LONGEST_MESSAGE = 2000;

/** The error's texts and its causes' are short. */
function expectShort(error: unknown): void {
  if (!(error instanceof LayerwiseError)) throw error;
  for (const text of [error.path, error.expected, error.got])
    expect(text.length).toBeLessThan(LONGEST_MESSAGE);
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    expect(cause.message.length).toBeLessThan(LONGEST_MESSAGE);
    expect(cause.stack?.length).toBeLessThan(10 * LONGEST_MESSAGE);
  }
}

const network = await createNetwork(options);
const model = network.toBytes();
const failing: ModelStore = {
  read: async () => undefined,
  write: async () => {
    throw new StorageError(LONG, LONG, LONG, { cause: new TypeError(LONG, { cause: new RangeError(LONG) }) });
  },
};

test.each<[string, () => Promise<unknown>]>([
  ["a key of createNetwork", () => createNetwork({ ...options, [LONG]: 1 })],
  ["a value of createNetwork", () => createNetwork({ ...options, dtype: LONG } as unknown as CreateOptions)],
  ["a big integer", () => createNetwork({ ...options, seed: 10n ** 20_000n } as unknown as CreateOptions)],
  ["a symbol", () => createNetwork({ ...options, seed: Symbol(LONG) } as unknown as CreateOptions)],
  ["a key of fit", () => network.fit(x, y, { epochs: 1, [LONG]: 1 })],
  [
    "a key of checkpoint",
    () => network.fit(x, y, { epochs: 1, checkpoint: { path: "a", [LONG]: 1 } } as FitOptions),
  ],
  ["a key of save", () => network.save("a", { [LONG]: 1 })],
  ["a key of loadNetwork", () => loadNetwork(model, { [LONG]: 1 })],
  ["a key of resumeTraining", () => resumeTraining("a", x, y, { [LONG]: 1 })],
  ["a key of gradientCheck", async () => gradientCheck(network, x, y, { [LONG]: 1 })],
  ["a path", () => loadNetwork(LONG)],
  ["a path that is written to", () => network.save(LONG)],
  ["a URL", () => loadNetwork(`data:text/plain,${LONG}`)],
  ["a URL that is none", () => loadNetwork(`https://${LONG}:port`)],
  ["a name in a store", () => loadNetwork(LONG, { store: storeOf(undefined) })],
  ["a store's own error", () => network.save(LONG, { store: failing })],
  ["options that aren't the file's", () => loadNetwork(model, { layerDims: [LONG] } as never)],
  ["a tensor's name", () => loadNetwork(fileOf(`{"${LONG.slice(-1_000_000)}":1}`))],
  ["a key of a tensor", () => loadNetwork(fileOf(`{"a":{"${LONG.slice(-1_000_000)}":1}}`))],
  [
    "a key of metadata",
    () =>
      loadNetwork(forged(model, (text) => text.replace('"kind"', `"${LONG.slice(-1_000_000)}":"","kind"`))),
  ],
  [
    "a text of metadata",
    () => loadNetwork(forged(model, (text) => text.replace('"relu"', `"${LONG.slice(-1_000_000)}"`))),
  ],
])("%s", async (_what, call) => {
  expectShort(await rejection(call()));
});

test("a recovery's warning", async () => {
  const warning = vi.spyOn(console, "warn").mockImplementation(() => {});
  const store = {
    write: async () => {},
    read: async (_: string, at: number) => (at === 1 ? model : undefined),
  };
  using loaded = await loadNetwork(LONG, { store });
  expect(loaded.config.seed).toBe(options.seed);
  expect(warning.mock.calls.join().length).toBeLessThan(LONGEST_MESSAGE);
  warning.mockRestore();
});

test("a cause keeps its name and code, and what is short is as it was", () => {
  const cause = Object.assign(new TypeError(LONG), { code: "ENAMETOOLONG" });
  expect(new StorageError("a", "b", "c", { cause }).cause).toMatchObject({
    name: "TypeError",
    code: "ENAMETOOLONG",
  });
  const short = new Error("short");
  expect(new StorageError("a", "b", "c", { cause: short }).cause).toBe(short);
  expect("cause" in new StorageError("a", "b", "c")).toBe(false);
  const circle = new Error("circle");
  circle.cause = circle;
  expect(new StorageError("a", "b", "c", { cause: circle }).cause).toMatchObject({ message: "circle" });
});

test("a text is cut in its middle, between characters", () => {
  expect(shortened("0123456789", 10)).toBe("0123456789");
  expect(shortened("0123456789x", 10)).toBe("01234…6789x");
  expect(shortened("😀".repeat(9), 10)).toBe("😀😀…😀😀");
});
