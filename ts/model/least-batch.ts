import { layerText, ShapeError } from "../errors/errors.js";
import type { Layers } from "./layers.js";

/** Raises ShapeError where a batch of m examples, which is `which`, has no variance to normalise by. */
export function checkBatch(path: string, { nodes }: Layers, m: number, which = "one"): void {
  if (m > 1) return;
  const norm = nodes.find((node) => node.kind === "batchNorm" && node.trainable);
  if (norm === undefined) return;
  throw new ShapeError(
    path,
    `batches of at least 2 examples (another batchSize, or layerNorm in its place), for the batchNorm that is ${layerText(norm)}`,
    `${which} of ${m}`,
  );
}
