// A network in a worker is the network: the same bits, the same answers, and nothing computed here.
import { describe, expect, it, vi } from "vitest";
import { hashOf } from "../closeness.js";
import { examples, inWorker, layerwise, SMALL } from "./package.js";

const { adam, cosine, createNetwork, createWorkerNetwork, Matrix, momentum } = layerwise;
const { x, y } = examples();
const epochs = { epochs: 4, batchSize: 20, keepProb: 0.8, l2: 0.1 };

describe.each(["float32", "float64"] as const)("%s", (dtype) => {
  it.each([1, 2])("every method gives what createNetwork's gives, on %i threads", async (threads) => {
    const here = await createNetwork({ ...SMALL, dtype });
    const there = await inWorker({ dtype, threads, metadata: { name: "digits" } });
    expect(there.runtime.threads).toBe(threads);
    expect(there.config).toEqual(here.config);
    expect(there.metadata).toEqual({ name: "digits" });
    const [ours, theirs] = [adam(), adam()];
    expect(await there.fit(x, y, { ...epochs, optimizer: theirs })).toEqual(
      await here.fit(x, y, { ...epochs, optimizer: ours }),
    );
    expect(await there.trainStep(x, y, { optimizer: theirs })).toBe(
      here.trainStep(x, y, { optimizer: ours }),
    );
    expect(there.steps).toBe(here.steps);
    expect(theirs.steps).toBe(ours.steps);
    const parameters = await there.parameters();
    expect(hashOf(parameters)).toBe(hashOf(here.parameters()));
    expect(parameters[0]?.weights).toBeInstanceOf(Matrix);
    const outputs = await there.predict(x);
    expect(outputs).toBeInstanceOf(Matrix);
    expect(outputs).toEqual(here.predict(x));
    expect(await there.classify(x)).toEqual(here.classify(x));
    expect(await there.evaluate(x, y)).toEqual(here.evaluate(x, y));
    expect(await there.gradients(x, y, { l2: 0.1 })).toEqual(here.gradients(x, y, { l2: 0.1 }));
    expect(await there.toOnnx()).toEqual(
      (await layerwise.loadNetwork(await there.toBytes(), { threads: 1 })).toOnnx(),
    );
    await there.setParameters(parameters.map(({ weights, biases }) => ({ weights, biases: [...biases] })));
    expect(hashOf(await there.parameters())).toBe(hashOf(here.parameters()));
    here.dispose();
  });
});

it("a schedule and clipping give the same bits", async () => {
  const make = () => adam({ learningRate: cosine({ from: 0.01, epochs: 3, warmup: 0.5 }) });
  const options = { ...epochs, clip: { norm: 0.5, value: 0.1 } };
  using here = await createNetwork(SMALL);
  const there = await inWorker();
  expect(await there.fit(x, y, { ...options, optimizer: make() })).toEqual(
    await here.fit(x, y, { ...options, optimizer: make() }),
  );
  expect(hashOf(await there.parameters())).toBe(hashOf(here.parameters()));
});

it("weights of examples and of classes give the same bits", async () => {
  const sampleWeight = Float64Array.from(y, (_, i) => (i * 7) % 4);
  using here = await createNetwork(SMALL);
  const there = await inWorker();
  const options = {
    ...epochs,
    sampleWeight,
    classWeight: "balanced",
    validation: { fraction: 0.2 },
  } as const;
  expect(await there.fit(x, y, options)).toEqual(await here.fit(x, y, options));
  const asked = { sampleWeight: [...sampleWeight] };
  expect(await there.evaluate(x, y, asked)).toEqual(here.evaluate(x, y, asked));
  expect(hashOf(await there.parameters())).toBe(hashOf(here.parameters()));
});

it("an optimizer's data form and name give the same bits, and trainStep refuses both", async () => {
  for (const optimizer of ["lion", { type: "sgd", momentum: 0.9, learningRate: 0.1 }] as const) {
    using here = await createNetwork(SMALL);
    const there = await inWorker();
    expect(await there.fit(x, y, { ...epochs, optimizer })).toEqual(
      await here.fit(x, y, { ...epochs, optimizer }),
    );
    expect(hashOf(await there.parameters())).toBe(hashOf(here.parameters()));
    await expect(there.trainStep(x, y, { optimizer } as never)).rejects.toThrow("made once");
  }
});

it("epochs come one at a time, with the same reports, history and bits; a break ends the fit", async () => {
  using here = await createNetwork(SMALL);
  const there = await inWorker();
  const called: number[] = [];
  const options = {
    ...epochs,
    validation: { fraction: 0.2 },
    onEpoch: ({ epoch }: { epoch: number }) => void called.push(epoch),
  };
  const [ours, theirs] = [here.epochs(x, y, options), there.epochs(x, y, options)];
  for await (const expected of ours) {
    const { value } = await theirs.next();
    expect(value).toEqual(expected);
    expect(there.steps).toBe(here.steps);
    if (expected.epoch === 3) break;
  }
  await theirs.return();
  expect(called).toEqual([1, 1, 2, 2, 3, 3]);
  expect(theirs.history).toMatchObject({ stoppedBy: "signal", steps: ours.history?.steps });
  expect(theirs.history?.loss).toEqual(ours.history?.loss);
  expect(hashOf(await there.parameters())).toBe(hashOf(here.parameters()));
  await expect(there.epochs(x, y, null as never).next()).rejects.toThrow("options: expected");
  await expect(there.epochs(x, y, { epochs: 1, signal: 3 } as never).next()).rejects.toThrow(
    "signal: expected",
  );
  await there.fit(x, y, { epochs: 1 });
});

it("accumulation, averages and a rate that is reduced give the same bits", async () => {
  const options = {
    ...epochs,
    accumulate: 3,
    weightAverage: { decay: 0.9 },
    reduceOnPlateau: { monitor: "loss", patience: 1, minDelta: 10 },
  };
  using here = await createNetwork(SMALL);
  const there = await inWorker();
  const history = await here.fit(x, y, options);
  expect(new Set(history.learningRate).size).toBeGreaterThan(1);
  expect(await there.fit(x, y, options)).toEqual(history);
  expect(hashOf(await there.parameters())).toBe(hashOf(here.parameters()));
});

it("data that are read here while the worker trains give the same bits", async () => {
  using here = await createNetwork(SMALL);
  const there = await inWorker();
  const rows = x.toArray();
  class Rows {
    get length() {
      return rows.length;
    }
    async read(indices: Uint32Array) {
      return { x: Array.from(indices, (i) => rows[i] ?? []), y: Array.from(indices, (i) => y[i] ?? 0) };
    }
  }
  expect(await there.fit(new Rows(), { ...epochs, validation: { fraction: 0.2 } })).toEqual(
    await here.fit(x, y, { ...epochs, validation: { fraction: 0.2 } }),
  );
  const batches = async function* () {
    for (let start = 0; start < 67; start += 9)
      yield { x: rows.slice(start, start + 9), y: y.slice(start, start + 9) };
  };
  const data = layerwise.stream(batches, { shuffleWindow: 20, length: 67 });
  expect(await there.fit(data, epochs)).toEqual(await here.fit(data, epochs));
  const seen: number[] = [];
  for await (const { epoch } of there.epochs(data, epochs)) {
    seen.push(epoch);
    if (epoch === 2) break;
  }
  expect(seen).toEqual([1, 2]);
  await here.fit(data, { ...epochs, epochs: 2 });
  expect(hashOf(await there.parameters())).toBe(hashOf(here.parameters()));
  const mine = new RangeError("no disk");
  const failing = { length: 4, read: () => Promise.reject(mine) };
  await expect(there.fit(failing, epochs)).rejects.toMatchObject({
    name: "DataError",
    path: "batch 1",
    cause: mine,
  });
});

it("nothing is compiled or computed on the caller's side", async () => {
  const compile = vi.spyOn(WebAssembly, "compile");
  const instance = vi.spyOn(WebAssembly, "Instance");
  const network = await inWorker({ threads: 2 });
  await network.fit(x, y, { ...epochs });
  await network.predict(x);
  expect(compile).not.toHaveBeenCalled();
  expect(instance).not.toHaveBeenCalled();
  vi.restoreAllMocks();
});

it("data of every form give the same bits", async () => {
  const rows = x.toArray();
  const shared = new Float32Array(new SharedArrayBuffer(x.data.byteLength));
  shared.set(x.data);
  const forms = [
    [rows, y],
    [rows.map((row) => Float32Array.from(row)), Uint8Array.from(y)],
    [new Matrix(Float64Array.from(x.data), 67, 65), Int32Array.from(y)],
    [{ data: shared, rows: 67, cols: 65 } as typeof x, y.map((c) => [0, 1, 2].map((k) => Number(k === c)))],
  ] as const;
  const hashes = new Set<string>();
  for (const [inputs, labels] of [[x, y] as const, ...forms]) {
    const network = await inWorker();
    await network.fit(inputs, labels, epochs);
    hashes.add(hashOf(await network.parameters()));
  }
  expect(hashes.size).toBe(1);
});

it("the caller's arrays stay as they are and are read at the call", async () => {
  const here = await createNetwork(SMALL);
  await here.fit(x, y, epochs);
  const there = await inWorker();
  const own = new Matrix(x.data.slice(), 67, 65);
  const classes = [...y];
  const training = there.fit(own, classes, epochs);
  own.data.fill(Number.NaN);
  classes.fill(9);
  await training;
  expect(own.data).toHaveLength(67 * 65);
  expect(hashOf(await there.parameters())).toBe(hashOf(here.parameters()));
  here.dispose();
});

it("calls take their turns in the order in which they were made, however large they are", async () => {
  const here = await createNetwork(SMALL);
  const there = await inWorker();
  const large = examples(20_000); // Packed in several turns.
  const [ours, theirs] = [momentum(), momentum()];
  const losses = [large, examples(), large].map((it) => there.trainStep(it.x, it.y, { optimizer: theirs }));
  const expected = [large, examples(), large].map((it) => here.trainStep(it.x, it.y, { optimizer: ours }));
  expect(await Promise.all(losses)).toEqual(expected);
  // One that can't be packed holds its place.
  const before = there.trainStep(large.x, large.y, { optimizer: theirs });
  const failing = there.trainStep(x, y, {
    get optimizer() {
      return fail();
    },
  });
  const after = there.trainStep(x, y, { optimizer: theirs });
  await expect(failing).rejects.toThrow("a getter that throws");
  expect([await before, await after]).toEqual([
    here.trainStep(large.x, large.y, { optimizer: ours }),
    here.trainStep(x, y, { optimizer: ours }),
  ]);
  here.dispose();
});

function fail(): never {
  throw new Error("a getter that throws");
}

it("many networks at a time, each in a worker of its own", async () => {
  const networks = await Promise.all([1, 2, 3].map((seed) => createWorkerNetwork({ ...SMALL, seed })));
  const here = await Promise.all([1, 2, 3].map((seed) => createNetwork({ ...SMALL, seed })));
  await Promise.all(networks.map((network) => network.fit(x, y, epochs)));
  for (const [i, network] of here.entries()) {
    await network.fit(x, y, epochs);
    expect(hashOf((await networks[i]?.parameters()) ?? [])).toBe(hashOf(network.parameters()));
    network.dispose();
  }
  await Promise.all(networks.map((network) => network.dispose()));
});
