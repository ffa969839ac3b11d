import type { ComputeOptions } from "layerwise";
import { checkOptions } from "../platform/options.js";
import { allBytes, openSources, type Source } from "../source/source.js";
import { COMPUTE_NAMES, computeOf } from "./compute.js";
import { Model } from "./model.js";
import { decodeFile } from "./model-file.js";

/**
 * Reads a model file, from a path, a URL, bytes or a stream: the same predictions to the bit as those of the model that was saved,
 * unless `math` is "fast", here or there. `options` say what computes its networks, as `createNetwork` takes them. Raises StorageError, or
 * FormatError for a file that isn't one, with the rule that it breaks; ConfigError for options.
 */
export async function loadModel(source: Source, options?: ComputeOptions): Promise<Model> {
  const compute = computeOf(checkOptions("loadModel", options, COMPUTE_NAMES));
  const [file] = await openSources(source);
  const { pipeline, networks, training } = await decodeFile(
    file === undefined ? new Uint8Array(0) : await allBytes(file),
    compute,
  );
  return new Model(pipeline, networks, training);
}
