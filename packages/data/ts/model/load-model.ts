import { allBytes, openSources, type Source } from "../source/source.js";
import { Model } from "./model.js";
import { decodeFile } from "./model-file.js";

/**
 * Reads a model file, from a path, a URL, bytes or a stream: the same predictions to the bit as those of the model that was saved.
 * Raises StorageError, or FormatError for a file that isn't one, with the rule that it breaks.
 */
export async function loadModel(source: Source): Promise<Model> {
  const [file] = await openSources(source);
  const { pipeline, networks, training } = await decodeFile(
    file === undefined ? new Uint8Array(0) : await allBytes(file),
  );
  return new Model(pipeline, networks, training);
}
