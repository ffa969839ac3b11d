import { loadModel, type Model } from "@layerwise/data";
import { FormatError, StorageError } from "layerwise";

/** The model in this file. Raises StorageError, which names the file also where it is none. */
export async function openModel(path: string): Promise<Model> {
  try {
    return await loadModel(path);
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause;
    throw new StorageError(path, "a model that layerwise train wrote", `another file (${cause.message})`, {
      cause,
    });
  }
}
