import { layerText, ShapeError } from "../errors/errors.js";
import type { Layers } from "./layers.js";

/** Raises ShapeError where a batch of m examples has no variance to normalise by. */
export function checkBatch(path: string, { nodes }: Layers, m: number): void {
  if (m > 1) return;
  const norm = nodes.find((node) => node.kind === "batchNorm" && node.trainable);
  if (norm === undefined) return;
  throw new ShapeError(
    path,
    `batches of at least 2 examples, for the batchNorm that is ${layerText(norm)}`,
    `one of ${m}`,
  );
}
