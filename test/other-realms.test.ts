// Data of another realm, or of another copy of the package, are what they are: typed arrays, matrices, bytes, URLs.
import { createContext, runInContext } from "node:vm";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { adam, createNetwork, loadNetwork, Matrix, type Network, type Optimizer } from "../ts/index.js";
import { asNumberArray, isArrayBuffer, isSharedArrayBuffer, isUrl, messageOf } from "../ts/platform/realm.js";

const context = createContext({});
/** The value of an expression in another realm. */
const there = (expression: string): never => runInContext(expression, context) as never;

const x = [
  [1, 2, 3, 4],
  [0, 1, 0, 2],
];

let network: Network;
beforeAll(async () => {
  network = await createNetwork({ layerDims: [4, 5, 1], seed: 7 });
});
afterAll(() => network.dispose());

/** A whole other copy of the package, with classes of its own. */
async function otherCopy(): Promise<typeof import("../ts/index.js")> {
  vi.resetModules();
  return await import("../ts/index.js");
}

const TYPES = ["Float32", "Float64", "Int8", "Uint8", "Uint8Clamped", "Int16", "Uint16", "Int32", "Uint32"];

describe("another realm's", () => {
  it.each(TYPES)("%sArray", (type) => {
    const flat = there(`${type}Array.of(1, 2, 3, 4, 0, 1, 0, 2)`) as Float32Array;
    expect(flat).not.toBeInstanceOf(Float32Array);
    expect(network.predict(new Matrix(flat, 2, 4))).toEqual(network.predict(x));
    const rows = there(`[${type}Array.of(1, 2, 3, 4), [0, 1, 0, 2]]`);
    expect(network.predict(rows)).toEqual(network.predict(x));
    const y = there(`${type}Array.of(1, 0)`);
    expect(network.evaluate(x, y)).toEqual(network.evaluate(x, [1, 0]));
  });

  it("arrays, shared arrays and shapes of a Matrix", () => {
    expect(network.predict(there("[[1, 2, 3, 4], [0, 1, 0, 2]]"))).toEqual(network.predict(x));
    const shared = there("new Float32Array(new SharedArrayBuffer(32))") as Float32Array;
    shared.set(x.flat());
    const matrix = new Matrix(shared, 2, 4);
    shared.fill(0);
    expect(network.predict(matrix)).toEqual(network.predict(x));
    const shape = there("({ data: Float64Array.of(1, 2, 3, 4, 0, 1, 0, 2), rows: 2, cols: 4 })");
    expect(network.predict(shape)).toEqual(network.predict(x));
  });

  it("BigInt arrays and DataViews, which are refused by their names", () => {
    expect(() => network.evaluate(x, there("new BigInt64Array(2)"))).toThrow("a BigInt64Array of 2");
    expect(() => network.evaluate(x, there("new DataView(new ArrayBuffer(2))"))).toThrow("a DataView");
  });

  it("files: Uint8Array, ArrayBuffer and Buffer", async () => {
    const bytes = network.toBytes();
    const foreign = there("new Uint8Array(100000)") as Uint8Array;
    foreign.set(bytes);
    const sources = [
      foreign.subarray(0, bytes.length),
      foreign.slice(0, bytes.length).buffer,
      Buffer.from(bytes),
    ];
    for (const source of sources) {
      using loaded = await loadNetwork(source as Uint8Array);
      expect(loaded.predict(x)).toEqual(network.predict(x));
    }
    const transferred = new Uint8Array(bytes);
    structuredClone(0, { transfer: [transferred.buffer] });
    await expect(loadNetwork(transferred)).rejects.toThrow("source: expected");
  });
});

describe("what was cloned or belongs to another copy of the package", () => {
  it("a Matrix that structuredClone made plain", () => {
    const matrix = Matrix.from(x);
    const plain = structuredClone(matrix);
    expect(plain).not.toBeInstanceOf(Matrix);
    expect(network.predict(plain)).toEqual(network.predict(x));
    expect(network.evaluate(plain, structuredClone(Matrix.from([[1], [0]])))).toEqual(
      network.evaluate(x, [1, 0]),
    );
    network.setParameters(structuredClone(network.parameters()));
    expect(network.predict(plain)).toEqual(network.predict(x));
    expect(() => network.predict({ ...plain, rows: 3 } as Matrix)).toThrow(
      "x.data.length: expected rows·cols = 3·4",
    );
    expect(() => network.predict({ ...plain, cols: "4" } as never)).toThrow(
      "x.cols: expected an integer >= 0",
    );
    expect(() => network.predict({ ...plain, data: {} } as never)).toThrow("x.data: expected");
  });

  it("its Matrix is taken, its optimizer is named", async () => {
    const other = await otherCopy();
    const matrix = other.Matrix.from(x);
    expect(matrix).not.toBeInstanceOf(Matrix);
    expect(network.predict(matrix)).toEqual(network.predict(x));
    const optimizer: Optimizer = other.adam();
    expect(() => network.trainStep(x, [1, 0], { optimizer })).toThrow(
      "optimizer: expected an optimizer such as adam(), got an optimizer of another copy of layerwise",
    );
    using theirs = await other.createNetwork({ layerDims: [4, 1] });
    theirs.trainStep(Matrix.from(x), [1, 0], { optimizer: other.adam() });
    expect(() => theirs.trainStep(x, [1, 0], { optimizer: adam() })).toThrow("another copy");
  });

  it("a subclass of a typed array is a typed array", async () => {
    class Column extends Float32Array {}
    using wide = await createNetwork({ layerDims: [1, 1] });
    expect(wide.predict(new Matrix(Column.of(1, 2), 2, 1))).toEqual(wide.predict([[1], [2]]));
    expect(new Matrix(Column.of(1, 2), 2, 1).data.constructor).toBe(Float32Array);
  });
});

it("nothing is taken for what it only says that it is", () => {
  const tagged = {
    [Symbol.toStringTag]: "Float32Array",
    length: 4,
    buffer: new ArrayBuffer(16),
    byteOffset: 0,
  };
  expect(asNumberArray(tagged)).toBeUndefined();
  expect(asNumberArray(Object.create(Float32Array.prototype))).toBeUndefined();
  expect(() => network.predict([tagged] as never)).toThrow("x: expected");
  expect(isArrayBuffer({ byteLength: 4, [Symbol.toStringTag]: "ArrayBuffer" })).toBe(false);
  expect([isArrayBuffer(there("new ArrayBuffer(1)")), isArrayBuffer(new SharedArrayBuffer(1))]).toEqual([
    true,
    false,
  ]);
  expect([
    isSharedArrayBuffer(there("new SharedArrayBuffer(1)")),
    isSharedArrayBuffer(new ArrayBuffer(1)),
  ]).toEqual([true, false]);
  expect([isUrl(new URL("file:///a")), isUrl("file:///a"), isUrl({ href: "file:///a" })]).toEqual([
    true,
    false,
    false,
  ]);
  expect([messageOf(there("new Error('there')")), messageOf("text"), messageOf(null)]).toEqual([
    "there",
    "text",
    "null",
  ]);
});
