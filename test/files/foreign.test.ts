// test/files/foreign: files as PyTorch, NumPy and Keras write them. outputs.json holds the inputs X and, for most of
// them, the widths and the probabilities p that PyTorch computes (13 and 14: NumPy in float64, from the file's numbers).
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { HIDDEN_ACTIVATIONS } from "../../ts/catalog/activations.js";
import {
  ConfigError,
  FormatError,
  LayerwiseError,
  type LoadOptions,
  loadNetwork,
  type Matrix,
} from "../../ts/index.js";
import { rejection } from "./small-files.js";

const folder = new URL("./foreign/", import.meta.url);

interface Outputs {
  readonly X: number[][];
  readonly outputs: Record<string, { readonly dims: number[]; readonly p: number[][] }>;
}

const { X, outputs } = JSON.parse(readFileSync(new URL("outputs.json", folder), "utf8")) as Outputs;

function bytesOf(number: string): Uint8Array {
  const name = readdirSync(folder).find((name) => name.startsWith(number)) ?? number;
  return new Uint8Array(readFileSync(new URL(name, folder)));
}

const said: LoadOptions = { hiddenActivation: "relu", outputActivation: "softmax" };

/** The largest difference, anywhere. */
function difference(a: Matrix, b: readonly number[][]): number {
  return Math.max(
    ...a.toArray().flatMap((row, i) => row.map((value, j) => Math.abs(value - (b[i]?.[j] ?? Number.NaN)))),
  );
}

describe("a file that is a chain of linear layers loads, and predicts what PyTorch does", () => {
  test.each<[string, LoadOptions?]>([
    ["01-sequential"],
    ["02-metadata-pt"],
    ["03-prefix-model"],
    ["04-fc1-fc2-fc3"],
    ["05-hidden-list-output"],
    ["06-input-hidden-output"],
    ["07-layers.N.linear"],
    ["08-dataparallel-module.model"],
    ["09-dropout-between"],
    ["12-no-bias"],
    ["13-float16"],
    ["14-bfloat16"],
    ["15-float64"],
    ["16-mixed-f32-f64"],
    ["17-extra-tensor", { ignore: ["temperature"] }],
    ["18-extra-scaler", { ignore: ["mean", "std"] }],
    ["19-extra-int64-scalar", { ignore: ["step"] }],
    ["20-order"],
    ["21-tanh", { hiddenActivation: "tanh" }],
    ["23-with-softmax-module"],
    ["24-12-layers"],
    ["25-regression", { outputActivation: "sigmoid" }],
    ["27-tied-cloned"],
    ["30-no-padding"],
    ["31-pad-64"],
    ["32-pad-4096"],
    ["35-data-out-of-order"],
    ["37-meta-null"],
  ])("%s", async (name, more = {}) => {
    const { dims, p } = outputs[name] ?? { dims: [], p: [] };
    const ignored: string[] = [];
    const options = {
      ...said,
      ...more,
      onIgnored: (names: readonly string[]) => void ignored.push(...names),
    };
    for (const given of [{}, { layerDims: dims }]) {
      using network = await loadNetwork(bytesOf(name), { ...options, ...given });
      expect(network.config.layerDims).toEqual(dims);
      expect(network.config.dtype).toBe(/float64|mixed/.test(name) ? "float64" : "float32");
      expect(difference(network.predict(X), p)).toBeLessThan(1e-6);
    }
    expect([...new Set(ignored)]).toEqual(more.ignore ?? []);
  });

  test("54 and 55, from NumPy with transposed copies of the weights that 51 holds as they were", async () => {
    using copied = await loadNetwork(bytesOf("54"), said);
    using rows = await loadNetwork(bytesOf("55"), said); // biases as rows
    using bigEndian = await loadNetwork(bytesOf("56"), said); // NumPy's big-endian arrays: safetensors turns them
    const file = bytesOf("51");
    const header = Number(new DataView(file.buffer).getBigUint64(0, true));
    const [first] = copied.parameters();
    const stored = new Float32Array(file.slice(8 + header + 32, 8 + header + 160).buffer); // 0.weight, 4 × 8
    expect(first?.weights.toArray()).toEqual(
      Array.from({ length: 8 }, (_, unit) =>
        Array.from({ length: 4 }, (_, input) => stored[input * 8 + unit]),
      ),
    );
    expect(rows.predict(X)).toEqual(copied.predict(X));
    expect(bigEndian.predict(X)).toEqual(copied.predict(X));
  });

  test("73, from Keras with transposed copies of its kernels", async () => {
    using network = await loadNetwork(bytesOf("73"), said);
    // X and p of 72.npz, which Keras predicted: arrays of float32, each behind a header of .npy.
    const arrays = npz("72.npz");
    const x = rowsOf(arrays.get("X") ?? new Float32Array(), 4);
    expect(x).toHaveLength(5);
    expect(difference(network.predict(x), rowsOf(arrays.get("p") ?? new Float32Array(), 3))).toBeLessThan(
      1e-6,
    );
  });

  // A transposed view has the shape of the copy and other numbers: nothing in the file tells (docs/guide.md).
  test.each(["52", "53", "74"])("%s can't be told from a right one by its shapes", async (number) => {
    await expect(loadNetwork(bytesOf(number), said)).resolves.toBeDefined();
  });
});

/** The arrays of float32 in an uncompressed .npz. */
function npz(name: string): Map<string, Float32Array> {
  const file = readFileSync(new URL(name, folder));
  const arrays = new Map<string, Float32Array>();
  for (let at = 0; file.readUInt32LE(at) === 0x04034b50; ) {
    const names = file.readUInt16LE(at + 26);
    const start = at + 30 + names + file.readUInt16LE(at + 28);
    const header = start + 10 + file.readUInt16LE(start + 8);
    const extra = at + 30 + names; // sizes of 64 bits stand in the extra field
    const end = start + Number(file.readBigUInt64LE(extra + 4));
    const key = file.toString("latin1", at + 30, at + 30 + names).replace(".npy", "");
    arrays.set(key, new Float32Array(Uint8Array.from(file.subarray(header, end)).buffer));
    at = end;
  }
  return arrays;
}

function rowsOf(numbers: Float32Array, width: number): number[][] {
  return Array.from({ length: numbers.length / width }, (_, i) => [
    ...numbers.subarray(i * width, (i + 1) * width),
  ]);
}

describe("a file of anything else is refused with the reason and what to do", () => {
  test.each<[string, string, RegExp]>([
    [
      "10-batchnorm",
      "tensorSet",
      /BatchNorm layer, which can't be loaded yet: fold it into the Linear before it/,
    ],
    ["11-layernorm", "tensorSet", /"1.weight".*LayerNorm/],
    ["17-extra-tensor", "tensorSet", /ignore: \["temperature"\]/],
    ["18-extra-scaler", "tensorSet", /ignore: \["mean", "std"\]/],
    ["19-extra-int64-scalar", "tensorSet", /ignore: \["step"\], got I64 \[\]/],
    ["29-int8", "tensorSet", /quantised weight: save the model in float32/],
    ["34-leading-space", "json", /\{ as the header's first byte/],
    ["38-meta-number", "json", /a text in quotes, got "3"/],
    ["39-meta-nested", "json", /a text in quotes, got "\{"/],
    ["40-torch.pt", "headerSize", /a zip file \(torch.save\?\): use safetensors.torch.save_file/],
    ["41-whole.pth", "headerSize", /a zip file \(torch.save\?\): use safetensors.torch.save_file/],
    ["50-flax", "tensorSet", /weights are stored inputs × outputs.*np.ascontiguousarray\(w.T\)/],
    ["51-in-by-out", "tensorSet", /weights are stored inputs × outputs.*np.ascontiguousarray\(w.T\)/],
    ["57-weights.npz", "headerSize", /NumPy's arrays \(.npz\).*safetensors.numpy.save_file/],
    ["58-empty", "truncated", /an empty file/],
    ["59-no-tensors", "tensorSet", /no tensors/],
    ["60.json", "headerSize", /a JSON text/],
    ["61.csv", "headerSize", /a text \(CSV\?\)/],
    ["62.safetensors.gz", "truncated", /a gzip file: unpack it first/],
    ["64.html", "headerSize", /an HTML page/],
    ["65-lfs-pointer", "headerSize", /a Git LFS pointer: .*git lfs pull/],
    ["70.keras", "headerSize", /a zip file of Keras \(.keras\): .*get_weights/],
    ["71.weights.h5", "headerSize", /an HDF5 file/],
    ["72.npz", "headerSize", /NumPy's arrays/],
  ])("%s: %s", async (name, rule, message) => {
    const error = await rejection(loadNetwork(bytesOf(name), said));
    expect(error).toBeInstanceOf(FormatError);
    expect(error).toMatchObject({ rule, message: expect.stringMatching(message) });
  });

  test("21: an activation that isn't there", async () => {
    const error = await rejection(
      loadNetwork(bytesOf("21"), { ...said, hiddenActivation: "unheardOf" } as object),
    );
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({ path: "hiddenActivation", got: '"unheardOf"' });
    for (const name of HIDDEN_ACTIVATIONS)
      expect(error).toMatchObject({ expected: expect.stringContaining(`"${name}"`) });
  });

  test("every file of the folder is in this list, and none gives anything but a network or an error of ours", async () => {
    for (const name of readdirSync(fileURLToPath(folder))) {
      for (const options of [{}, said, { ...said, layerDims: [4, 8, 8, 3] }]) {
        const error = await rejection(
          loadNetwork(bytesOf(name), options).then((network) => network.dispose()),
        );
        if (error !== undefined) expect(error, name).toBeInstanceOf(LayerwiseError);
      }
    }
  });
});
