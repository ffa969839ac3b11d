// Data that change, vanish or call back while they are read: what counts is what was there when the call began.
import { describe, expect, it, vi } from "vitest";
import { toExamples } from "../ts/data/examples.js";
import {
  createNetwork,
  DataError,
  type FitOptions,
  gradientDescent,
  type LayerwiseError,
  Matrix,
  miniBatches,
  type Network,
  ResourceError,
  StateError,
} from "../ts/index.js";
import { CHUNK } from "../ts/platform/breath.js";
import { hashOf } from "./closeness.js";
import { small } from "./made.js";

const m = 6;
const numbers = () => Float32Array.from({ length: 4 * m }, (_, i) => Math.sin(i));
const labels = () => Float32Array.of(1, 0, 1, 1, 0, 0);
const optimizer = () => gradientDescent({ learningRate: 0.1 });
const transfer = (data: Float32Array | Float64Array) =>
  void structuredClone(data.buffer, { transfer: [data.buffer] });

/** A network's parameters after a fit in whose first step `change` is called. */
async function fitted(
  options: FitOptions,
  change: (x: Float32Array, y: Float32Array) => void,
  type: "float32" | "float64" = "float32",
): Promise<string> {
  const network = await small({ dtype: type });
  const [x, y] = [numbers(), labels()];
  const data = type === "float32" ? x : Float64Array.from(x);
  let changed = false;
  const onStep = () => {
    if (!changed) change(data as Float32Array, y);
    changed = true;
  };
  await network.fit(new Matrix(data, m, 4), y, { optimizer: optimizer(), ...options, onStep });
  expect(changed).toBe(true);
  return hashOf(network.parameters());
}

describe("fit sees x and y as they were when it was called", () => {
  const schedules = [1, 3, 4, 8].flatMap((epochs) => [2, m].map((batchSize) => [epochs, batchSize] as const));
  it.each(schedules)("%i epochs, batches of %i", async (epochs, batchSize) => {
    for (const type of ["float32", "float64"] as const) {
      const undisturbed = await fitted({ epochs, batchSize }, () => undefined, type);
      const changes = [
        (x: Float32Array) => void x.fill(7),
        (x: Float32Array) => void x.fill(Number.NaN),
        (_: unknown, y: Float32Array) => void y.fill(1),
        (x: Float32Array) => transfer(x),
        (_: unknown, y: Float32Array) => transfer(y),
      ];
      for (const change of changes) {
        expect(await fitted({ epochs, batchSize }, change, type)).toBe(undisturbed);
      }
    }
  });

  it("and a change before its first await is over has none either", async () => {
    const [network, twin] = [await small(), await small()];
    const [x, y] = [numbers(), labels()];
    const training = network.fit(new Matrix(x, m, 4), y, { epochs: 2, batchSize: 2, optimizer: optimizer() });
    x.fill(Number.NaN);
    transfer(y);
    await training;
    await twin.fit(new Matrix(numbers(), m, 4), labels(), {
      epochs: 2,
      batchSize: 2,
      optimizer: optimizer(),
    });
    expect(hashOf(network.parameters())).toBe(hashOf(twin.parameters()));
  });

  it("a chunk that was read isn't looked at again, one that isn't finite when it is read is refused", async () => {
    using network = await createNetwork({ layerDims: [1, 1], threads: 1 });
    const data = new Float32Array(CHUNK + 1);
    const y = new Float32Array(CHUNK + 1);
    const read = () =>
      toExamples(
        new Matrix(data, data.length, 1),
        y,
        network.config,
        network.trainee.layers.engine,
        "copied",
      );
    // The first turn reads a chunk of y, the second the rest of y and a chunk of x.
    const good = read();
    good.next();
    good.next();
    data[0] = Number.NaN;
    y[0] = 7;
    const examples = good.next().value;
    expect(examples).toMatchObject({ m: CHUNK + 1 });
    if (examples === undefined) throw new Error("it was read");
    expect([examples.x[0], examples.labels[0]]).toEqual([0, 0]);
    data[0] = 0;
    y[0] = 0;
    const bad = read();
    bad.next();
    bad.next();
    data[CHUNK] = Number.NaN;
    expect(() => bad.next()).toThrow(`x.data[${CHUNK}]: expected finite numbers, got NaN`);
    data[CHUNK] = 0;
    const gone = read();
    gone.next();
    gone.next();
    transfer(data);
    expect(() => gone.next()).toThrow(`x: expected ${CHUNK + 1} numbers, got 0: its buffer was detached`);
  });

  it("a long array of rows is read with pauses", async () => {
    using network = await createNetwork({ layerDims: [1024, 1], threads: 1 });
    const row = new Float32Array(1024);
    const x = Array.from({ length: 2048 }, () => row);
    const y = new Uint8Array(2048);
    const reading = toExamples(x, y, network.config, network.trainee.layers.engine, "copied");
    expect(reading.next()).toEqual({ done: false, value: undefined });
    x.length = 1500;
    expect(() => [...reading]).toThrow("x[1500]: expected an array of numbers, got undefined");
  });

  it("where there is no memory for the copy it says so", async () => {
    const network = await small();
    const [x, y] = [new Matrix(Float64Array.from(numbers()), m, 4), Float64Array.from(labels())];
    const spy = vi.spyOn(globalThis, "Float32Array").mockImplementation(function noRoom() {
      throw new RangeError("Array buffer allocation failed");
    });
    const error: LayerwiseError = await network
      .fit(x, y, { epochs: 1, optimizer: optimizer() })
      .then(() => new Error("it went on"))
      .catch((reason) => reason);
    spy.mockRestore();
    expect(error).toBeInstanceOf(ResourceError);
    expect(error.message).toMatch(/bytes of memory for \d+ numbers, got RangeError/);
  });
});

it("miniBatches are of x and y as they were", async () => {
  const [x, y] = [numbers(), labels()];
  const options = { batchSize: 2, seed: 3 };
  const expected = await miniBatches(new Matrix(numbers(), m, 4), labels(), options);
  const made = miniBatches(new Matrix(x, m, 4), y, options);
  x.fill(9);
  transfer(y);
  expect(await made).toEqual(expected);
});

/** Every call that takes data, with x, y or both as they are given. */
const CALLS: [name: string, (network: Network, x: never, y: never) => unknown][] = [
  ["trainStep", (n, x, y) => n.trainStep(x, y, { optimizer: optimizer() })],
  ["gradients", (n, x, y) => n.gradients(x, y)],
  ["evaluate", (n, x, y) => n.evaluate(x, y)],
  ["predict", (n, x) => n.predict(x)],
  ["fit", (n, x, y) => n.fit(x, y, { epochs: 1, optimizer: optimizer() })],
  ["miniBatches", (_, x, y) => miniBatches(x, y)],
];

/** Reading this entry of the list calls `act` first. */
function callsBack(list: number[], at: number, act: () => unknown): void {
  const value = list[at];
  Object.defineProperty(list, at, {
    get: () => {
      act();
      return value;
    },
  });
}

/** What a call raises or rejects with. */
async function failure(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("arrays whose numbers are gone", () => {
  const gone: [name: string, (length: number) => Float32Array][] = [
    [
      "transferred",
      (length) => {
        const data = new Float32Array(length);
        transfer(data);
        return data;
      },
    ],
  ];
  if ("resize" in ArrayBuffer.prototype) {
    const shrunk = (length: number, fixed: boolean) => {
      // biome-ignore format: one line
      const buffer: ArrayBuffer & { resize(bytes: number): void } = Reflect.construct(ArrayBuffer, [4 * length + 4, { maxByteLength: 8 * length + 8 }]);
      const data = fixed ? new Float32Array(buffer, 4, length) : new Float32Array(buffer, 4);
      return { data, buffer };
    };
    for (const fixed of [true, false]) {
      gone.push([
        `shrunk, ${fixed ? "of fixed length" : "following its buffer's"}`,
        (length) => {
          const { data, buffer } = shrunk(length, fixed);
          buffer.resize(0);
          return data;
        },
      ]);
    }
  }

  it.each(gone)("%s: are refused in every place", async (_, make) => {
    const network = await small();
    const before = hashOf(network.parameters());
    const good = new Matrix(numbers(), m, 4);
    for (const [name, call] of CALLS) {
      if (name !== "predict")
        expect(await failure(() => call(network, good as never, make(m) as never))).toBeInstanceOf(DataError);
      const rows = Array.from({ length: m }, () => make(4));
      expect(await failure(() => call(network, rows as never, labels() as never))).toBeInstanceOf(DataError);
    }
    const matrix = new Matrix(numbers(), m, 4);
    transfer(matrix.data);
    for (const [, call] of CALLS) {
      expect(await failure(() => call(network, matrix as never, labels() as never))).toBeInstanceOf(
        DataError,
      );
    }
    const [first, last] = network.parameters();
    if (first === undefined || last === undefined) throw new Error("two layers");
    const set = (layer: object) => () => network.setParameters([layer as never, last]);
    expect(await failure(set({ ...first, biases: make(5) }))).toBeInstanceOf(DataError);
    expect(
      await failure(set({ ...first, weights: first.weights.toArray().map(() => make(4)) })),
    ).toBeInstanceOf(DataError);
    expect(await failure(set({ weights: matrix, biases: first.biases }))).toBeInstanceOf(DataError);
    const masks = (mask: unknown) => () =>
      network.gradients(good, labels(), { keepProb: 0.5, dropoutMasks: [mask as Matrix] });
    expect(await failure(masks(matrix))).toBeInstanceOf(DataError);
    expect(await failure(masks([make(5)]))).toBeInstanceOf(DataError);
    expect(await failure(() => new Matrix(make(4), 1, 4))).toBeInstanceOf(DataError);
    expect(hashOf(network.parameters())).toBe(before);
  });

  it("a Matrix over a buffer that grew is refused", async () => {
    if (!("resize" in ArrayBuffer.prototype)) return;
    const buffer: ArrayBuffer & { resize(bytes: number): void } = Reflect.construct(ArrayBuffer, [
      96,
      { maxByteLength: 192 },
    ]);
    const matrix = new Matrix(new Float32Array(buffer), m, 4);
    buffer.resize(192);
    const network = await small();
    expect(() => network.predict(matrix)).toThrow(
      "x: expected 24 numbers, got 48: its buffer was detached or resized",
    );
  });
});

describe("getters among the data", () => {
  /** Rows of x in which reading one number calls `act`. */
  function rowsWith(act: () => unknown): number[][] {
    const row = [1, 2, 3, 4];
    callsBack(row, 2, act);
    return [[1, 0, 1, 0], row];
  }

  const acts: [name: string, (network: Network) => unknown][] = [
    ["disposes", (network) => network.dispose()],
    [
      "starts a fit",
      (network) => void network.fit([[1, 2, 3, 4]], [1], { epochs: 1 }).catch(() => undefined),
    ],
    ["trains", (network) => network.trainStep([[1, 2, 3, 4]], [1], { optimizer: optimizer() })],
    ["predicts", (network) => network.predict([[1, 2, 3, 4]])],
    ["sets parameters", (network) => network.setParameters(network.parameters())],
  ];

  it.each(acts)("in x and y: one that %s", async (name, act) => {
    for (const place of ["x", "y"]) {
      for (const [call, run] of CALLS) {
        const network = await small();
        const neighbour = await small({ seed: 9 });
        const before = hashOf(neighbour.parameters());
        let acted = false;
        const once = () => {
          if (!acted) {
            acted = true;
            act(network);
          }
          return 1;
        };
        const y = [0, 1];
        if (place === "y") Object.defineProperty(y, 1, { get: once });
        const x =
          place === "x"
            ? rowsWith(once)
            : [
                [1, 0, 1, 0],
                [1, 2, 3, 4],
              ];
        const error = await failure(() => run(network, x as never, y as never));
        if (name === "disposes" && acted && call !== "miniBatches") expect(error).toBeInstanceOf(StateError);
        if (name === "starts a fit" && acted && ["trainStep", "gradients"].includes(call)) {
          expect(error).toBeInstanceOf(StateError);
        }
        if (error !== undefined) expect(error).toBeInstanceOf(StateError);
        expect(hashOf(neighbour.parameters())).toBe(before);
        await new Promise((resolve) => setTimeout(resolve, 1));
        if (name !== "disposes") network.predict([[1, 2, 3, 4]]);
      }
    }
  });

  it("in parameters and masks: one that disposes", async () => {
    const biases = (act: () => unknown) => {
      const list = [0, 0, 0, 0, 0];
      callsBack(list, 1, act);
      return list;
    };
    const network = await small();
    const [first, last] = network.parameters();
    if (first === undefined || last === undefined) throw new Error("two layers");
    const set = () => network.setParameters([{ ...first, biases: biases(() => network.dispose()) }, last]);
    expect(await failure(set)).toBeInstanceOf(StateError);
    const other = await small();
    const masks = [[biases(() => other.dispose())]] as never;
    const step = () =>
      other.trainStep([[1, 2, 3, 4]], [1], { optimizer: optimizer(), keepProb: 0.5, dropoutMasks: masks });
    expect(await failure(step)).toBeInstanceOf(StateError);
  });

  it("one that transfers what was read before it", async () => {
    for (const [name, run] of CALLS) {
      if (name === "predict") continue;
      const network = await small();
      const data = numbers();
      const y = Array.from(labels());
      callsBack(y, 3, () => data.length > 0 && transfer(data));
      const error = await failure(() => run(network, new Matrix(data, m, 4) as never, y as never));
      expect(error).toBeInstanceOf(DataError);
    }
  });

  it("one that spoils x after it was read leaves no number that isn't finite", async () => {
    const network = await small();
    const data = numbers();
    const mask = Array.from({ length: m }, () => [1, 1, 1, 1, 1]);
    callsBack(mask[0] ?? [], 0, () => data.fill(Number.NaN));
    const step = () =>
      network.trainStep(new Matrix(data, m, 4), labels(), {
        optimizer: optimizer(),
        keepProb: 0.5,
        dropoutMasks: [mask] as never,
      });
    expect(await failure(step)).toBeInstanceOf(DataError);
  });
});
