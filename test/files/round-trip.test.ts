import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import {
  adam,
  ConfigError,
  createNetwork,
  type Dtype,
  loadNetwork,
  type Network,
  ResourceError,
  StateError,
  StorageError,
  trainMlp,
} from "../../ts/index.js";
import { partsOf } from "./signing.js";
import {
  checkpointsOf,
  classes,
  fitOptions,
  MemoryStore,
  options,
  rejection,
  thrown,
  x,
  y,
} from "./small-files.js";

/** A name for all that a network predicts and would learn next, to the bit. */
async function behaviour(network: Network, labels: number[]): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify(network.config));
  hash.update(network.predict(x).data);
  const history = await network.fit(x, labels, { ...fitOptions, optimizer: adam() });
  return hash.update(JSON.stringify(history)).update(network.predict(x).data).digest("hex");
}

describe.each<Dtype>(["float32", "float64"])("in %s", (dtype) => {
  test.each([
    { layerDims: [3, 1] },
    { layerDims: [3, 4, 1], hiddenActivation: "sigmoid", initialization: "xavier" },
    { layerDims: [3, 7, 2, 5, 3], outputActivation: "softmax", seed: Number.MAX_SAFE_INTEGER },
  ] as const)("a network that is loaded predicts and learns the same bits: %j", async (given) => {
    const labels = "outputActivation" in given ? classes : y;
    using network = await createNetwork({ ...given, dtype });
    await network.fit(x, labels, fitOptions);
    network.trainStep(x.slice(0, 4), labels.slice(0, 4), { optimizer: adam() });
    const bytes = network.toBytes();
    using loaded = await loadNetwork(bytes);
    expect(loaded.config).toEqual(network.config);
    expect(loaded.steps).toBe(network.steps);
    expect(loaded.toBytes()).toEqual(bytes);
    expect(await behaviour(loaded, labels)).toBe(await behaviour(network, labels));
  });
});

test("a float64 network's numbers are the same to the last bit, subnormal and negative zero too", async () => {
  using network = await createNetwork({ layerDims: [2, 1], dtype: "float64" });
  network.setParameters([{ weights: [[5e-324, -0]], biases: [1 / 3] }]);
  using loaded = await loadNetwork(network.toBytes());
  const [layer] = loaded.parameters();
  expect(Object.is(layer?.weights.data[1], -0)).toBe(true);
  expect(layer?.weights.data[0]).toBe(5e-324);
  expect(layer?.biases[0]).toBe(1 / 3);
});

test("512 layers are saved, and more are refused when they are", async () => {
  using deep = await createNetwork({ layerDims: Array(513).fill(1) });
  using loaded = await loadNetwork(deep.toBytes());
  expect(loaded.config.layerDims).toHaveLength(513);
  using deeper = await createNetwork({ layerDims: Array(514).fill(1) });
  expect(thrown(() => deeper.toBytes())).toBeInstanceOf(ResourceError);
});

test("the seeds of the notebook's model come along", async () => {
  const { network } = await trainMlp(x, y, [3, 4, 1], {
    iterations: 2,
    keepProb: 0.5,
    miniBatchSize: 5,
    dropoutSeed: 9,
  });
  using loaded = await loadNetwork(network.toBytes());
  expect(await behaviour(loaded, y)).toBe(await behaviour(network, y));
  network.dispose();
});

test("a checkpoint is a model too", async () => {
  using network = await createNetwork(options);
  const [newest = new Uint8Array()] = await checkpointsOf(network, fitOptions, { everySteps: 1000 });
  using loaded = await loadNetwork(newest);
  expect(loaded.predict(x)).toEqual(network.predict(x));
});

describe("the bytes", () => {
  test("are found wherever they stand in a buffer, and are not changed", async () => {
    using network = await createNetwork(options);
    const bytes = network.toBytes();
    const before = bytes.slice();
    for (const distance of [1, 2, 3, 4, 8]) {
      const larger = new Uint8Array(bytes.length + 16).fill(255);
      larger.set(bytes, distance);
      using loaded = await loadNetwork(larger.subarray(distance, distance + bytes.length));
      expect(loaded.toBytes()).toEqual(before);
    }
    using fromBuffer = await loadNetwork(bytes.buffer);
    using fromNodeBuffer = await loadNetwork(Buffer.from(bytes));
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
    shared.set(bytes);
    using fromShared = await loadNetwork(shared);
    expect([fromBuffer, fromNodeBuffer, fromShared].map((loaded) => loaded.steps)).toEqual([0, 0, 0]);
    expect(bytes).toEqual(before);
  });

  test("begin with a header whose data is aligned to 8, and have their checksum in it", async () => {
    using network = await createNetwork(options);
    const bytes = network.toBytes();
    const { header, data } = partsOf(bytes);
    expect((bytes.length - data.length) % 8).toBe(0);
    const { sha256, ...metadata } = JSON.parse(header).__metadata__;
    const blank = Buffer.from(bytes);
    blank.fill("0", blank.indexOf(sha256), blank.indexOf(sha256) + 64);
    expect(createHash("sha256").update(blank).digest("hex")).toBe(sha256);
    expect(metadata).toMatchObject({
      format: "layerwise",
      formatVersion: "1",
      layerDims: "[3,4,1]",
      dtype: "float32",
    });
  });

  test("are the same for the same network", async () => {
    using a = await createNetwork(options);
    using b = await createNetwork(options);
    expect(a.toBytes()).toEqual(b.toBytes());
    expect(a.toOnnx()).toEqual(b.toOnnx());
  });

  test("can be had while fit runs: of the last whole step", async () => {
    using network = await createNetwork(options);
    const seen: Promise<number>[] = [];
    const onStep = () => {
      const bytes = network.toBytes();
      const { steps } = network;
      seen.push(loadNetwork(bytes).then((loaded) => loaded.steps - steps));
    };
    await network.fit(x, y, { ...fitOptions, onStep });
    expect(new Set(await Promise.all(seen))).toEqual(new Set([0]));
    expect(seen).toHaveLength(15);
  });

  test("are refused after dispose", async () => {
    const network = await createNetwork(options);
    network.dispose();
    expect(thrown(() => network.toBytes())).toBeInstanceOf(StateError);
    expect(thrown(() => network.toOnnx())).toBeInstanceOf(StateError);
    expect(await rejection(network.save("a", { store: new MemoryStore() }))).toBeInstanceOf(StateError);
  });
});

describe("over http", async () => {
  using network = await createNetwork(options);
  const bytes = network.toBytes();

  async function serve<Result>(work: (url: string) => Promise<Result>): Promise<Result> {
    const server = createServer((request, response) => {
      response.statusCode = request.url === "/model" ? 200 : 404;
      response.end(request.url === "/model" ? bytes : "<html>");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    try {
      return await work(`http://127.0.0.1:${port}`);
    } finally {
      server.close();
    }
  }

  test("a URL or its text is fetched", async () => {
    await serve(async (url) => {
      using loaded = await loadNetwork(new URL("/model", url));
      using again = await loadNetwork(`${url}/model`);
      expect(loaded.toBytes()).toEqual(bytes);
      expect(again.toBytes()).toEqual(bytes);
    });
  });

  test("another status, or no server, is a StorageError", async () => {
    const error = await serve((url) => rejection(loadNetwork(`${url}/none`)));
    expect(error).toBeInstanceOf(StorageError);
    expect(String(error)).toContain("404");
    const gone = await serve(async (url) => url);
    expect(await rejection(loadNetwork(`${gone}/model`))).toBeInstanceOf(StorageError);
  });
});

describe("options", async () => {
  using network = await createNetwork(options);
  const bytes = network.toBytes();

  test("that are as in the file are accepted", async () => {
    using loaded = await loadNetwork(bytes, { ...options, hiddenActivation: "relu", dtype: "float32" });
    expect(loaded.steps).toBe(0);
  });

  test.each([
    [{ layerDims: [3, 5, 1] }, "layerDims"],
    [{ layerDims: [3, 4, 1, 1] }, "layerDims"],
    [{ hiddenActivation: "sigmoid" }, "hiddenActivation"],
    [{ dtype: "float64" }, "dtype"],
    [{ seed: 6 }, "seed"],
    [{ layerdims: [3, 4, 1] }, "options.layerdims"],
    [{ store: {} }, "store"],
    [{ onRecovery: 1 }, "onRecovery"],
  ])("another one is a ConfigError: %j", async (given, path) => {
    const source = "store" in given ? "a" : bytes;
    const error = await rejection(loadNetwork(source, given as object));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({ path });
  });

  test.each([undefined, null, 3, [1], {}, "", "a\0b", new DataView(new ArrayBuffer(8))])(
    "no source: %s",
    async (source) => {
      expect(await rejection(loadNetwork(source as string))).toBeInstanceOf(ConfigError);
    },
  );

  test.each([
    [{ keep: -1 }, "keep"],
    [{ keep: 10 }, "keep"],
    [{ keep: 1.5 }, "keep"],
    [{ kep: 1 }, "options.kep"],
    [{ store: null }, "store"],
  ])("of save: %j", async (given, path) => {
    const error = await rejection(network.save("unused", given as object));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({ path });
  });
});
