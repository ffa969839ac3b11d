import type { Layer } from "layerwise";
import { nodeModule } from "../platform/node-module.js";
import type { PreparedTraining } from "./prepared-training.js";
import type { LittleRoom } from "./training-checkpoint.js";

/** Parameters, adamW's two moments, and the best parameters so far. */
const BLOCKS_OF_A_CHECKPOINT = 4;

/** Texts beside the numbers: the preparation, histories, a report. */
const TEXTS = 4 * 2 ** 20;

/** For a training's checkpoints, its model and a report. Undefined where there is room, and where no one can tell. */
export function littleRoomFor(training: PreparedTraining, folder: string): Promise<LittleRoom | undefined> {
  return littleRoom(folder, bytesOf(training));
}

/** For so many bytes of numbers, and for texts beside them. The folder may be one that isn't made yet. */
export async function littleRoom(folder: string, numbers: number): Promise<LittleRoom | undefined> {
  const { statfs } = await nodeModule<typeof import("node:fs/promises")>("node:fs/promises");
  const { dirname, resolve } = await nodeModule<typeof import("node:path")>("node:path");
  const needed = numbers + TEXTS;
  for (let place = resolve(folder); ; place = dirname(place)) {
    const facts = await statfs(place).catch(() => undefined);
    if (facts !== undefined) {
      const free = facts.bavail * facts.bsize;
      return free < needed ? { folder, free, needed } : undefined;
    }
    if (place === dirname(place)) return undefined;
  }
}

/** A checkpoint of each network, one of them twice while it is replaced, and all networks in the model. */
function bytesOf({ settings, network }: PreparedTraining): number {
  const counts = Array.from({ length: settings.networks }, (_, k) => {
    const { layers, inputs } = network(k);
    return parametersOf(layers as readonly Layer[], inputs).count;
  });
  const sum = counts.reduce((total, count) => total + count, 0);
  const numbers = BLOCKS_OF_A_CHECKPOINT * (sum + Math.max(...counts)) + sum;
  return numbers * (settings.dtype === "float64" ? 8 : 4);
}

function parametersOf(layers: readonly Layer[], inputs: number): { count: number; width: number } {
  let [count, width] = [0, inputs];
  for (const layer of layers) {
    if (layer.type === "dense") {
      count += (width + 1) * layer.units;
      width = layer.units;
    } else if (layer.type === "residual") {
      count += parametersOf(layer.layers, width).count;
    } else if (layer.type === "batchNorm" || layer.type === "layerNorm") count += 4 * width;
  }
  return { count, width };
}
