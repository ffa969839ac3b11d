// Streams: cut anew into batches, shuffled in a window by the seed, and read again to resume.
import { describe, expect, it } from "vitest";
import {
  adam,
  type Batch,
  batchNorm,
  ConfigError,
  cosine,
  createNetwork,
  dense,
  type FitOptions,
  gradientDescent,
  LayerwiseError,
  Matrix,
  type Network,
  resumeTraining,
  type Stream,
  stream,
} from "../ts/index.js";
import { hashOf } from "./closeness.js";
import { MemoryStore } from "./files/small-files.js";
import { instanceOf } from "./instance.js";
import { made } from "./made.js";

const m = 50;
const x = Array.from({ length: m }, (_, i) => [Math.sin(i), Math.cos(3 * i), Math.sin(7 * i)]);
const y = x.map(([a = 0, b = 0]) => Number(a + b > 0));
const rowsOf = (start: number, end: number): Batch => ({ x: x.slice(start, end), y: y.slice(start, end) });

/** All rows, in batches of these sizes by turns. */
async function* inPieces(...sizes: readonly number[]): AsyncGenerator<Batch> {
  for (let start = 0, turn = 0; start < m; turn++) {
    const end = Math.min(m, start + (sizes[turn % sizes.length] ?? 1));
    if (turn % 3 === 1) await new Promise((resolve) => setTimeout(resolve, 0));
    yield rowsOf(start, end);
    start = end;
  }
}

const network = async (options: object = {}): Promise<Network> =>
  made(await createNetwork({ layerDims: [3, 8, 1], seed: 3, ...options }));

async function errorOf(call: () => unknown): Promise<LayerwiseError> {
  try {
    await call();
  } catch (error) {
    if (error instanceof LayerwiseError) return error;
    throw error;
  }
  throw new Error("expected an error, none came");
}

/** Parameters after a fit on these data. */
async function trained(data: Stream, options: FitOptions, config: object = {}): Promise<string> {
  const here = await network(config);
  await here.fit(data, options);
  return hashOf(here.parameters());
}

/** The rows in the order in which a fit visits them: a network of one weight whose gradient is the row's number. */
async function visited(data: Stream, rows: number, epochs: number, seed = 0): Promise<number[][]> {
  using here = await createNetwork({
    layerDims: [1, 1],
    outputActivation: "linear",
    loss: "meanAbsoluteError",
    initialization: "zeros",
    dtype: "float64",
    seed,
  });
  const seen: number[][] = [];
  let before = 0;
  await here.fit(data, {
    epochs,
    batchSize: 1,
    optimizer: gradientDescent({ learningRate: 1 }),
    warnings: false,
    onStep: ({ step }) => {
      const weight = here.parameters()[0]?.weights.data[0] ?? 0;
      if (step === 1) seen.push([]);
      // The target is far above every answer: each step adds the row's number.
      seen.at(-1)?.push(Math.round(weight - before));
      before = weight;
    },
  });
  expect(seen.every((epoch) => epoch.length === rows)).toBe(true);
  return seen;
}

/** Rows 1 … n, that many at a time. */
const numbered = (n: number, size: number) =>
  async function* () {
    for (let start = 0; start < n; start += size) {
      const rows = Array.from({ length: Math.min(size, n - start) }, (_, i) => [start + i + 1]);
      yield { x: rows, y: rows.map(() => 1e12) };
    }
  };

describe("stream", () => {
  it("with a window of 1 visits the rows as they come: the bits of steps on them", async () => {
    const [read, twin] = [await network(), await network()];
    const [ours, theirs] = [adam(), adam()];
    const options = { epochs: 3, batchSize: 8, warnings: false };
    const { loss, steps } = await read.fit(
      stream(() => inPieces(5, 13, 1), { shuffleWindow: 1 }),
      { ...options, optimizer: ours },
    );
    const losses: number[] = [];
    for (let epoch = 0; epoch < 3; epoch++) {
      let weighted = 0;
      for (let start = 0; start < m; start += 8) {
        const batch = rowsOf(start, Math.min(m, start + 8));
        weighted += twin.trainStep(batch.x, batch.y, { optimizer: theirs }) * Math.min(8, m - start);
      }
      losses.push(weighted / m);
    }
    expect(hashOf(read.parameters())).toBe(hashOf(twin.parameters()));
    expect(loss).toEqual(losses);
    expect(steps).toBe(3 * 7);
  });

  it("however its batches are cut, and in every form, the bits are the same", async () => {
    for (const dtype of ["float32", "float64"] as const) {
      const options = { epochs: 3, batchSize: 16, keepProb: 0.8, warnings: false };
      const hashes = new Set<string>();
      for (const batches of [
        () => inPieces(1),
        () => inPieces(m),
        () => inPieces(7, 2, 30),
        () => [rowsOf(0, 20), Promise.resolve(rowsOf(20, m))],
        () =>
          new ReadableStream<Batch>({
            start(controller) {
              controller.enqueue({ x: Matrix.from(x.slice(0, 33)), y: Uint8Array.from(y.slice(0, 33)) });
              controller.enqueue({ x: x.slice(33).map((row) => Float64Array.from(row)), y: y.slice(33) });
              controller.close();
            },
          }) as never,
      ]) {
        hashes.add(await trained(stream(batches, { shuffleWindow: 10 }), options, { dtype }));
      }
      expect(hashes.size).toBe(1);
    }
  });

  it("bytes are the numbers that they stand for, also beside others", async () => {
    const bytes = Uint8Array.from({ length: 3 * m }, (_, i) => (i * 71) % 256);
    const scale = 1 / 255;
    const scaled = Float32Array.from(bytes, (byte) => Math.fround(byte * Math.fround(scale)));
    const forms = (floats: (turn: number) => boolean) =>
      async function* () {
        for (let start = 0, turn = 0; start < m; start += 5, turn++) {
          const [first, end] = [3 * start, 3 * (start + 5)];
          const labels = y.slice(start, start + 5);
          yield floats(turn)
            ? { x: new Matrix(scaled.slice(first, end), 5, 3), y: labels }
            : { x: { data: bytes.slice(first, end), rows: 5, cols: 3, scale }, y: labels };
        }
      };
    const options = { epochs: 3, batchSize: 8 };
    const hashes = [
      () => true,
      () => false,
      (turn: number) => turn % 3 === 0,
      (turn: number) => turn > 4,
    ].map((floats) => trained(stream(forms(floats), { shuffleWindow: 12 }), options));
    expect(new Set(await Promise.all(hashes)).size).toBe(1);
  });

  it("is called once an epoch, one batch ahead, and a generator that fills one array again is no matter", async () => {
    let calls = 0;
    let given = 0;
    const buffer = new Float32Array(3 * 5);
    const reused = async function* (): AsyncGenerator<Batch> {
      calls += 1;
      for (let start = 0; start < m; start += 5) {
        buffer.set(x.slice(start, start + 5).flat());
        given += 1;
        yield { x: new Matrix(buffer, 5, 3), y: y.slice(start, start + 5) };
      }
    };
    const options = { epochs: 3, batchSize: 5 };
    const here = await network();
    await here.fit(stream(reused, { shuffleWindow: 1 }), {
      ...options,
      onStep: ({ epoch, step, stepsPerEpoch, examples }) => {
        expect(calls).toBe(epoch);
        expect(given - 10 * (epoch - 1)).toBeLessThanOrEqual(step + 2);
        expect([stepsPerEpoch, examples]).toEqual([Infinity, 5]);
      },
    });
    expect(calls).toBe(3);
    expect(hashOf(here.parameters())).toBe(
      await trained(
        stream(() => inPieces(5), { shuffleWindow: 1 }),
        options,
      ),
    );
  });
});

describe("the shuffle window", () => {
  it.each([1, 2, 7, 20, 33, 100])("of %i gives each row once, none before it came", async (shuffleWindow) => {
    const n = 33;
    const epochs = await visited(stream(numbered(n, 4), { shuffleWindow }), n, 3);
    for (const order of epochs) {
      expect(order.slice().sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i + 1));
      // The i-th draw is of the first i + window rows.
      order.forEach((row, i) => {
        expect(row).toBeLessThanOrEqual(i + shuffleWindow);
      });
    }
    if (shuffleWindow > 6) expect(epochs[0]).not.toEqual(epochs[1]);
    if (shuffleWindow === 1) expect(epochs[0]).toEqual(Array.from({ length: n }, (_, i) => i + 1));
  });

  it("gives each place its turn once in so many draws", async () => {
    const [order = []] = await visited(stream(numbered(60, 60), { shuffleWindow: 10 }), 60, 1);
    // Of the first rows, which fill the window, each is drawn within the first ten draws.
    expect(order.slice(0, 10).filter((row) => row <= 10).length).toBe(10);
  });

  it("follows from the seed", async () => {
    const data = stream(numbered(40, 7), { shuffleWindow: 16 });
    expect(await visited(data, 40, 2, 1)).toEqual(await visited(data, 40, 2, 1));
    expect(await visited(data, 40, 2, 1)).not.toEqual(await visited(data, 40, 2, 2));
  });

  it("holds no more than its rows: memory doesn't grow with the stream", async () => {
    const here = await network({ layerDims: [1000, 4, 1] });
    const { memoryBytes: before } = await instanceOf(here);
    const chunk = new Float32Array(64 * 1000).map((_, i) => Math.sin(i));
    const endless = async function* (): AsyncGenerator<Batch> {
      for (;;) yield { x: new Matrix(chunk, 64, 1000), y: Array.from({ length: 64 }, (_, i) => i % 2) };
    };
    const stop = new AbortController();
    const { external: outside } = process.memoryUsage();
    const { steps } = await here.fit(stream(endless, { shuffleWindow: 256 }), {
      epochs: 1,
      batchSize: 32,
      signal: stop.signal,
      onStep: ({ step }) => void (step === 600 && stop.abort()),
    });
    expect(steps).toBe(600); // 77 MB of numbers came by
    expect((await instanceOf(here)).memoryBytes - before).toBeLessThan(4e6);
    expect(outside).toBeGreaterThan(0);
  });
});

describe("a fit that is resumed in mid-epoch", () => {
  it("comes to the same end, to the bit: the stream is read again up to there", async () => {
    const data = stream(() => inPieces(7, 3), { shuffleWindow: 12, length: m });
    const options = {
      epochs: 3,
      batchSize: 8,
      keepProb: 0.7,
      validation: { x, y },
      earlyStopping: { patience: 2 },
    };
    const files: Uint8Array[] = [];
    const store = new MemoryStore();
    const here = await network();
    const history = await here.fit(data, {
      ...options,
      checkpoint: { path: "c", store, everySteps: 1 },
      onCheckpoint: () => void files.push(...store.generations.slice(0, 1)),
    });
    expect(files).toHaveLength(21);
    const { validation, earlyStopping } = options;
    for (const i of [0, 3, 5, 6, 8, 12, 20]) {
      const other = new MemoryStore();
      other.generations.push(files[i] ?? new Uint8Array());
      // Cut otherwise, it is the same data.
      const again = stream(() => inPieces(11), { shuffleWindow: 12, length: m });
      const { network: resumed, ...found } = await resumeTraining("c", again, {
        validation,
        earlyStopping,
        store: other,
      });
      expect(found.history).toEqual(history);
      expect(hashOf(resumed.parameters())).toBe(hashOf(here.parameters()));
      resumed.dispose();
    }
    const resume = (another: Stream) => resumeTraining("c", another, { validation, earlyStopping, store });
    const other = async function* () {
      yield { x: x.map(([a = 0]) => [a, 0, 0]), y };
    };
    await expect(resume(stream(other, { shuffleWindow: 12, length: m }))).rejects.toMatchObject({
      path: "x",
    });
    await expect(resume(stream(() => inPieces(9), { shuffleWindow: 12, length: 49 }))).rejects.toMatchObject({
      name: "StateError",
    });
  });

  it("needs the stream's length", async () => {
    const here = await network();
    const options = { epochs: 1, checkpoint: { path: "c", store: new MemoryStore() } };
    const error = await errorOf(() =>
      here.fit(
        stream(() => inPieces(9), { shuffleWindow: 4 }),
        options,
      ),
    );
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.path).toBe("stream.length");
  });
});

describe("bad input", () => {
  const options = { epochs: 2, batchSize: 8, warnings: false };
  const data = (batches: () => unknown, length?: number) =>
    stream(batches as never, { shuffleWindow: 4, ...(length !== undefined && { length }) });

  it.each<[string, () => unknown, number | undefined, string]>([
    [
      "92 ends early",
      () => inPieces(9),
      60,
      "DataError: stream: expected 60 rows, as its length says, got its end after 50",
    ],
    [
      "92 ends late",
      () => inPieces(9),
      40,
      "DataError: stream: expected 40 rows, as its length says, got more than 40",
    ],
    ["92 ends late by a batch", () => inPieces(10), 40, "got more than 40"],
    ["no rows at all", () => [], undefined, "DataError: stream: expected at least one row, got none"],
    [
      "rejects",
      async function* () {
        yield rowsOf(0, 20);
        throw new RangeError("cut off");
      },
      undefined,
      "DataError: batch 2 of the stream: expected { x, y }, got an error: cut off",
    ],
    [
      "the function throws",
      () => {
        throw new RangeError("no file");
      },
      undefined,
      "DataError: batch 1 of the stream: expected { x, y }, got an error: no file",
    ],
    [
      "85 another width",
      async function* () {
        yield rowsOf(0, 20);
        yield { x: [[1, 2]], y: [1] };
      },
      undefined,
      "ShapeError: batch 2 of the stream, x: expected m×3",
    ],
    [
      "35 NaN",
      async function* () {
        yield rowsOf(0, 20);
        yield {
          x: [
            [1, 2, 3],
            [1, Number.NaN, 3],
          ],
          y: [1, 0],
        };
      },
      undefined,
      "DataError: batch 2 of the stream, x[1][1]: expected finite numbers",
    ],
    [
      "no { x, y }",
      () => [rowsOf(0, 20), [1, 2]],
      undefined,
      "ShapeError: batch 2 of the stream: expected { x, y }, got an array of 2",
    ],
    [
      "no iterable",
      () => ({}),
      undefined,
      "ShapeError: batches(): expected an async iterable of { x, y }, got an object",
    ],
    [
      "a text",
      () => "rows",
      undefined,
      'ShapeError: batches(): expected an async iterable of { x, y }, got "rows"',
    ],
  ])("%s: the network stays at a whole step and goes on", async (_, batches, length, message) => {
    const here = await network();
    const error = await errorOf(() => here.fit(data(batches, length), options));
    expect(String(error)).toContain(message);
    const { steps } = here;
    const twin = await network();
    if (steps > 0) {
      const stop = new AbortController();
      const whole = length === undefined ? data(() => inPieces(20)) : data(() => inPieces(9));
      await twin.fit(whole, {
        ...options,
        signal: stop.signal,
        onStep: ({ step }) => void (step === steps && stop.abort()),
      });
    }
    expect(hashOf(here.parameters())).toBe(hashOf(twin.parameters()));
    for (const it of [here, twin]) await it.fit(x, y, { epochs: 1 });
    expect(hashOf(here.parameters())).toBe(hashOf(twin.parameters()));
  });

  it("92 one that never settles is left when the signal aborts, and told so", async () => {
    for (const settles of [0, 2]) {
      const here = await network();
      const stop = new AbortController();
      let isReturned = false;
      const slow = {
        [Symbol.asyncIterator]: () => {
          let count = 0;
          return {
            next: () => {
              if (count++ < settles) return Promise.resolve({ done: false, value: rowsOf(0, 16) });
              setTimeout(() => stop.abort("enough"), 5);
              return new Promise<never>(() => undefined);
            },
            return: async () => {
              isReturned = true;
              return { done: true as const, value: undefined };
            },
          };
        },
      };
      const history = await here.fit(
        data(() => slow),
        { ...options, signal: stop.signal },
      );
      expect(history).toMatchObject({ stoppedBy: "signal", reason: "enough" });
      await new Promise((resolve) => setTimeout(resolve, 1));
      expect(isReturned).toBe(true);
      await here.fit(x, y, { epochs: 1 });
    }
  });

  it("a generator is ended by an abort, an error and a break", async () => {
    const here = await network();
    let ended = 0;
    const watched = async function* () {
      try {
        for (;;) yield rowsOf(0, m);
      } finally {
        ended += 1;
      }
    };
    const mine = new Error("mine");
    const failing = here.fit(stream(watched, { shuffleWindow: 4 }), {
      ...options,
      onStep: () => {
        throw mine;
      },
    });
    await expect(failing).rejects.toBe(mine);
    const finite = async function* () {
      try {
        yield rowsOf(0, m);
      } finally {
        ended += 1;
      }
    };
    for await (const _ of here.epochs(stream(finite, { shuffleWindow: 4 }), options)) break;
    await new Promise((resolve) => setTimeout(resolve, 1));
    expect(ended).toBeGreaterThanOrEqual(2);
  });

  it.each<[string, () => unknown, string]>([
    ["no window", () => stream(() => [], {} as never), "shuffleWindow: expected how many rows"],
    [
      "a window of 0",
      () => stream(() => [], { shuffleWindow: 0 }),
      "shuffleWindow: expected an integer in [1",
    ],
    ["a window of 1.5", () => stream(() => [], { shuffleWindow: 1.5 }), "shuffleWindow"],
    [
      "a length of 0",
      () => stream(() => [], { shuffleWindow: 1, length: 0 }),
      "length: expected an integer in [1",
    ],
    ["no function", () => stream([] as never, { shuffleWindow: 1 }), "batches: expected a function"],
    ["another word", () => stream(() => [], { bufferSize: 3 } as never), "did you mean shuffleWindow?"],
  ])("%s is a ConfigError", async (_, call, message) => {
    const error = await errorOf(call);
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toContain(message);
  });

  it("validation's fraction, a schedule in epochs without length, and batchNorm's batch of one", async () => {
    const here = await network();
    const some = stream(() => inPieces(7), { shuffleWindow: 4 });
    const fraction = await errorOf(() => here.fit(some, { epochs: 1, validation: { fraction: 0.2 } }));
    expect(fraction.message).toContain("validation: expected { x, y }, since a stream can't be divided");
    const optimizer = () => adam({ learningRate: cosine({ from: 0.1, epochs: 2 }) });
    const schedule = await errorOf(() => here.fit(some, { epochs: 2, optimizer: optimizer() }));
    expect(schedule.path).toBe("optimizer.learningRate.epochs");
    expect(schedule.expected).toContain("since the stream doesn't say its length");
    expect(here.steps).toBe(0);
    const known = stream(() => inPieces(7), { shuffleWindow: 4, length: m });
    const { learningRate } = await here.fit(known, {
      epochs: 2,
      optimizer: optimizer(),
      validation: { x, y },
    });
    expect(learningRate).toHaveLength(2);
    const normed = await createNetwork({
      inputs: 3,
      layers: [dense(4), batchNorm(), dense(1, { activation: "sigmoid" })],
    });
    const one = await errorOf(() => normed.fit(some, { epochs: 1, batchSize: 7 }));
    expect(one.path).toBe("batch 8");
    normed.dispose();
  });
});
