import { ConfigError, createNetwork, loadNetwork } from "layerwise";
import type { AnyNetwork } from "../model/any-network.js";
import { describe } from "../platform/describe.js";
import { allBytes, openSources, type Source } from "../source/source.js";
import { encodeTensors } from "./encode-tensors.js";
import { type KerasModel, parsed, readKeras, readKerasH5 } from "./keras-file.js";
import { kerasLayers } from "./keras-layers.js";
import { networkLayers } from "./network-layers.js";
import { readTfjs } from "./tfjs-file.js";

/** What {@link importModel} takes: what `loadNetwork` does of another program's file. */
export type ImportOptions = NonNullable<Parameters<typeof loadNetwork>[1]>;

/**
 * A network of another program's model, as far as dense layers go: they, norms of batches and of layers, dropout, activations, and
 * Normalization or Rescaling in front, in a chain.
 *
 * - Keras: `.keras`, and `.h5` of a whole model. Layers, activations and order are in the file. `.weights.h5` has weights alone, and
 *   takes the options of `loadNetwork` for another program's file: `{ hiddenActivation, outputActivation }`.
 * - TensorFlow.js: the path or URL of a layers model's `model.json`, or a list of it and of its files of weights.
 * - PyTorch and others: safetensors, as `loadNetwork` reads it.
 *
 * Kernels are turned from inputs × units to units × inputs. Weights stay what they are; optimizer, regularizers and constraints
 * aren't taken. Raises StorageError, FormatError for a file that isn't one or has another layer, ConfigError for options.
 */
export async function importModel(
  source: Source | readonly Source[],
  options: ImportOptions = {},
): Promise<AnyNetwork> {
  const [first, ...others] = await openSources(source);
  const file = first?.name ?? "the file";
  // A copy: of a Buffer, slice() would be a view.
  const bytes = Uint8Array.from(first === undefined ? [] : await allBytes(first));
  if (startsWith(bytes, ZIP)) return networkOf(await readKeras(bytes, file), file, options);
  if (startsWith(bytes, HDF5)) {
    const read = await readKerasH5(bytes, file);
    return "weights" in read
      ? loadNetwork(encodeTensors(read.weights), options)
      : networkOf(read, file, options);
  }
  if (isJson(bytes)) {
    const json = parsed(new TextDecoder().decode(bytes), file);
    return networkOf(await readTfjs(json, file, source, others), file, options);
  }
  return loadNetwork(bytes, options);
}

const ZIP = [0x50, 0x4b, 0x03, 0x04];
const HDF5 = [0x89, 0x48, 0x44, 0x46];

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, i) => bytes[i] === byte);
}

/** A brace, blanks and a byte order mark before it aside; safetensors has a length there. */
function isJson(bytes: Uint8Array): boolean {
  const start = new TextDecoder().decode(bytes.subarray(0, 16));
  return /^\s*\{/.test(start);
}

/** What a file with layers says itself. */
const IN_THE_FILE = [
  "layerDims",
  "layers",
  "inputs",
  "hiddenActivation",
  "outputActivation",
  "ignore",
  "dtype",
];

async function networkOf(read: KerasModel, file: string, options: ImportOptions): Promise<AnyNetwork> {
  const given = options as Readonly<Record<string, unknown>>;
  for (const name of IN_THE_FILE) {
    if (given[name] !== undefined)
      throw new ConfigError(name, "none: the file says it", describe(given[name]));
  }
  const chain = kerasLayers(read.model, file);
  const { inputs, layers, parameters, dtype } = networkLayers(chain, { ...read, file });
  const network = await createNetwork({ ...options, inputs, layers, dtype });
  try {
    network.setParameters(parameters);
    return network;
  } catch (error) {
    network.dispose();
    throw error;
  }
}
