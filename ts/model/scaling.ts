import { numbersOf, type ScaledNumbers } from "../data/scaled.js";
import type { Floats, Span } from "../engine/memory.js";
import type { Operation } from "../engine/operations.js";
import type { BatchMemory } from "./batch-memory.js";
import type { Layers } from "./layers.js";

/** X ← scaled, in place, where X holds numbers as they were given. No operation in a network that doesn't scale. */
export function scalePass({ architecture, scaling: numbers, inputs: width }: Layers, x: Span): Operation[] {
  const layer = architecture.scaling?.data;
  if (layer === undefined) return [];
  const count = layer.method === "quantileNormal" ? numbers.length / width : 0;
  return [{ op: "scaling", x, numbers, count, softClip: layer.softClip ?? 0, width }];
}

/** X of a batch ← `rows` of these from `start` on, scaled. */
export function loadInputs(
  layers: Layers,
  batch: BatchMemory,
  given: ScaledNumbers,
  start: number,
  rows: number,
): void {
  const { inputs, dtype } = layers;
  batch.x.write(numbersOf(given, start * inputs, (start + rows) * inputs, dtype));
  if (layers.architecture.scaling === undefined) return;
  const purpose = batch.purpose === "training" ? "scaling in training" : "scaling in prediction";
  layers.program(purpose, 0, 0, () => scalePass(layers, batch.x)).run(rows, 0, 0);
}

/** Numbers that are scaled between two yields: some 20 ms on one thread. */
const CHUNK = 1 << 18;

/** A data set's X ← scaled, once instead of in every step. A generator, so that a long one can be interrupted. */
export function* scaleAll(layers: Layers, x: Span, m: number): Generator<void, void> {
  if (layers.architecture.scaling === undefined) return;
  const { inputs, engine, dtype } = layers;
  const most = Math.max(1, Math.floor(CHUNK / inputs));
  for (let start = 0; start < m; start += most) {
    const rows = Math.min(most, m - start);
    const program = engine.program(dtype, scalePass(layers, x.part(start * inputs, rows * inputs)));
    program.run(rows, 0, 0);
    program.release();
    yield;
  }
}

/** These rows, scaled. */
export function scaledCopy(layers: Layers, x: Floats): Floats {
  const room = layers.engine.room("some scaled rows", { x: { type: layers.dtype, length: x.length } });
  try {
    room.spans.x.write(x);
    for (const _ of scaleAll(layers, room.spans.x, x.length / layers.inputs));
    return room.spans.x.read();
  } finally {
    room.release();
  }
}
