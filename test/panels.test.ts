// The first layer's W lies in panels where its units are a multiple of their width; outside wasm memory nothing shows it.
import { describe, expect, test } from "vitest";
import { parseSafetensors, tensorBytes } from "../ts/files/safetensors.js";
import {
  adam,
  createNetwork,
  gradientCheck,
  loadNetwork,
  Matrix,
  momentum,
  type Network,
  resumeTraining,
} from "../ts/index.js";
import { intoPanels, outOfPanels, positionOf } from "../ts/model/panels.js";
import { MemoryStore, storeOf } from "./files/small-files.js";
import { after, restore } from "./mutations/plant.js";
import { Random } from "./random-cases.js";

const INPUTS = 5;
const UNITS = 32;
const ROWS = 7;
const random = new Random(4);
const x = Matrix.from(random.rows(ROWS, INPUTS));
const y = [0, 1, 1, 0, 1, 0, 0];

test("of a panel's units the weights of each input lie side by side", () => {
  const weights = { inputs: 3, outputs: 4, panel: 2 };
  const byRows = Float32Array.of(0, 1, 2, 10, 11, 12, 20, 21, 22, 30, 31, 32);
  const panels = new Float32Array(12);
  intoPanels(panels, byRows, weights);
  expect([...panels]).toEqual([0, 10, 1, 11, 2, 12, 20, 30, 21, 31, 22, 32]);
  expect(panels[positionOf(weights, 3, 1)]).toBe(31);
  const back = new Float32Array(12);
  outOfPanels(back, panels, weights);
  expect(back).toEqual(byRows);
});

describe.each(["float32", "float64"] as const)("in %s", (dtype) => {
  const inPanels = (seed = 3) => createNetwork({ layerDims: [INPUTS, UNITS, 1], dtype, seed });
  const byRows = () => createNetwork({ layerDims: [INPUTS, UNITS + 1, 1], dtype, seed: 9 });

  /** A network with one unit more, whose W_1 is row-major: the new unit is never open and never asked. */
  async function twinOf(network: Network): Promise<Network> {
    const twin = await byRows();
    const [first, second] = network.parameters();
    if (first === undefined || second === undefined) throw new Error("two layers");
    const widened = (rows: number[][]) => rows.map((row) => [...row, 0]);
    twin.setParameters([
      { weights: [...rowsOf(first.weights), new Array(INPUTS).fill(0)], biases: [...first.biases, -1] },
      { weights: widened(rowsOf(second.weights)), biases: [...second.biases] },
    ]);
    return twin;
  }

  test("only the first layer's W lies so, and only where its units are a multiple of the width", async () => {
    using network = await createNetwork({ layerDims: [INPUTS, UNITS, UNITS, 1], dtype });
    using other = await byRows();
    const width = network.trainee.layers.engine.panelWidth(dtype);
    expect(network.trainee.layers.dense.map(({ panel }) => panel)).toEqual([width, 1, 1]);
    expect(other.trainee.layers.dense.map(({ panel }) => panel)).toEqual([1, 1]);
  });

  test("what is set is what is there and what comes back", async () => {
    using network = await inPanels();
    const set = network.parameters().map(({ weights, biases }) => ({
      weights: new Matrix(
        weights.data.map((_, i) => i / 8),
        weights.rows,
        weights.cols,
      ),
      biases,
    }));
    network.setParameters(set);
    expect(network.parameters()).toEqual(set);
    const [layer] = network.trainee.layers.dense;
    if (layer === undefined) throw new Error("a layer");
    expect(layer.weights.get(positionOf(layer, 11, 2))).toBe((11 * INPUTS + 2) / 8);
  });

  test("predictions, gradients and a step are those of a row-major W, to the bit", async () => {
    using network = await inPanels();
    using twin = await twinOf(network);
    for (const l2 of [0, 0.3]) {
      expect(network.predict(x).data).toEqual(twin.predict(x).data);
      const [got, expected] = [network.gradients(x, y, { l2 }), twin.gradients(x, y, { l2 })];
      // With L2 the sums of squares differ in their order.
      expect(got.loss).toBeCloseTo(expected.loss, dtype === "float32" ? 6 : 14);
      expect(got.gradients[0]?.weights.data).toEqual(
        expected.gradients[0]?.weights.data.slice(0, UNITS * INPUTS),
      );
      network.trainStep(x, y, { optimizer: momentum(), l2 });
      twin.trainStep(x, y, { optimizer: momentum(), l2 });
      expect(network.parameters()[0]?.weights.data).toEqual(
        twin.parameters()[0]?.weights.data.slice(0, UNITS * INPUTS),
      );
    }
  });

  test("the first weights are drawn unit by unit", async () => {
    using network = await inPanels();
    using twin = await createNetwork({ layerDims: [INPUTS, UNITS + 1, 1], dtype, seed: 3 });
    const [first, second] = [network, twin].map((n) => n.parameters()[0]?.weights.data);
    expect(first).toEqual(second?.slice(0, UNITS * INPUTS));
  });

  test("a file holds W row by row, and a network comes back from it", async () => {
    using network = await inPanels();
    const bytes = network.toBytes();
    const weights = network.parameters()[0]?.weights.data;
    expect(numbersOf(bytes, "0.weight", dtype)).toEqual(weights);
    using loaded = await loadNetwork(bytes);
    expect(loaded.parameters()).toEqual(network.parameters());
    expect(loaded.predict(x)).toEqual(network.predict(x));
  });

  test("a checkpoint's moments are row by row, and its training goes on", async () => {
    using network = await inPanels();
    const { gradients } = network.gradients(x, y);
    const store = new MemoryStore();
    const stop = new AbortController();
    const fit = { epochs: 4, optimizer: adam({ beta1: 0 }) };
    const checkpoint = { path: "-", store, everySteps: 1 };
    await network.fit(x, y, { ...fit, checkpoint, signal: stop.signal, onStep: () => stop.abort() });
    const saved = store.generations[0] ?? new Uint8Array();
    const moments = numbersOf(saved, "optimizer.v", dtype);
    expect(moments.slice(0, UNITS * INPUTS)).toEqual(gradients[0]?.weights.data); // v ← 0·v + 1·g

    using whole = await inPanels();
    await whole.fit(x, y, { epochs: 4, optimizer: adam({ beta1: 0 }) });
    const resumed = await resumeTraining("-", x, y, { store: storeOf(saved) });
    expect(resumed.network.parameters()).toEqual(whole.parameters());
    resumed.network.dispose();
  });
});

test("the gradient check names a wrong entry by its unit and input", async () => {
  using network = await createNetwork({ layerDims: [INPUTS, UNITS, 1], dtype: "float64", seed: 3 });
  expect(gradientCheck(network, x, y).ok).toBe(true);
  after("weightGradient", (layer) => {
    if (layer.inputs === INPUTS) layer.dw.set(positionOf(layer, 9, 4), 77);
  });
  try {
    expect(gradientCheck(network, x, y).worst?.name).toBe("W1[9][4]");
  } finally {
    restore();
  }
});

function rowsOf({ data, rows, cols }: Matrix): number[][] {
  return Array.from({ length: rows }, (_, i) => [...data.slice(i * cols, (i + 1) * cols)]);
}

function numbersOf(
  bytes: Uint8Array,
  name: string,
  dtype: "float32" | "float64",
): Float32Array | Float64Array {
  const file = parseSafetensors(bytes);
  const tensor = file.tensors.get(name);
  if (tensor === undefined) throw new Error(`no ${name} among ${[...file.tensors.keys()]}`);
  const { buffer } = tensorBytes(file, tensor).slice();
  return dtype === "float32" ? new Float32Array(buffer) : new Float64Array(buffer);
}
