import { type AnyNetwork, loadModel, Model, shownPlace } from "@layerwise/data";
import { type ComputeOptions, FormatError, loadNetwork, StorageError } from "layerwise";

/** The model in this file. Raises StorageError, which names the file also where it is none. */
export async function openModel(path: string, compute: ComputeOptions = {}): Promise<Model> {
  return opened(path, "a model that layerwise train wrote", () => loadModel(path, compute));
}

/** The same, or a network by itself: what the core saves, and `layerwise import` writes. */
export async function openModelOrNetwork(path: string): Promise<Model | AnyNetwork> {
  return opened(path, "a model that layerwise train or import wrote", async () => {
    try {
      return await loadModel(path);
    } catch (cause) {
      if (!(cause instanceof FormatError && cause.rule === "metadata")) throw cause;
      return loadNetwork(path);
    }
  });
}

/** The networks of either. */
export function networksOf(opened: Model | AnyNetwork): readonly AnyNetwork[] {
  return opened instanceof Model ? opened.networks : [opened];
}

async function opened<Opened>(path: string, expected: string, open: () => Promise<Opened>): Promise<Opened> {
  try {
    return await open();
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause;
    throw new StorageError(shownPlace(path), expected, `another file (${cause.message})`, { cause });
  }
}
