import { BYTES } from "./config.js";
import type { DenseLayer } from "./dense.js";
import type { Layers } from "./layers.js";
import { Plan } from "./memory.js";

/** Where products pack their operands: a byte offset, and how many numbers there is room for. */
export interface Workspace {
  readonly offset: number;
  readonly length: number;
}

/**
 * Room in wasm memory for one batch of up to `capacity` examples: X, labels, the activations of all
 * layers, and for training two buffers for dZ (a layer's and the one before it, in turn).
 */
export class BatchMemory {
  readonly capacity: number;
  /** Byte offsets. */
  readonly x: number;
  readonly labels: number;
  /** A_1 … A_L, by layer index − 1; the last one holds the logits. */
  readonly activations: readonly number[];
  readonly dz: readonly [number, number];
  readonly workspace: Workspace;
  /** Masks of the hidden layers, by layer index − 1; empty until dropout asks for them. */
  masks: readonly number[] = [];

  readonly #block: number;

  constructor(layers: Layers, capacity: number, purpose: "training" | "prediction") {
    const bytes = BYTES[layers.dtype];
    const plan = new Plan();
    const reserve = (numbers: number) => plan.reserve(numbers * bytes);
    const x = reserve(capacity * layers.inputs);
    const labels = plan.reserve(capacity * layers.labelBytes);
    const activations = layers.dense.map((layer) => reserve(capacity * layer.outputs));
    const most = (numberOf: (layer: DenseLayer) => number) =>
      layers.dense.reduce((largest, layer) => Math.max(largest, numberOf(layer)), 0);
    const widest = purpose === "training" ? most(({ outputs }) => outputs) : 0;
    const dz = [reserve(capacity * widest), reserve(capacity * widest)] as const;
    const length = most((layer) => layers.workspaceLength(capacity, layer));
    const workspace = reserve(length);

    const block = layers.blocks.allocate(plan.bytes, `a ${purpose} batch of ${capacity} examples`);
    this.#block = block;
    this.capacity = capacity;
    this.x = block + x;
    this.labels = block + labels;
    this.activations = activations.map((offset) => block + offset);
    this.dz = [block + dz[0], block + dz[1]];
    this.workspace = { offset: block + workspace, length };
  }

  /** Makes room for the hidden layers' masks, once. */
  ensureMasks(layers: Layers): void {
    if (this.masks.length > 0) return;
    const plan = new Plan();
    const hidden = layers.dense.slice(0, -1);
    const offsets = hidden.map((layer) => plan.reserve(this.capacity * layer.outputs * BYTES[layers.dtype]));
    if (plan.bytes === 0) return;
    const block = layers.blocks.allocate(plan.bytes, `the dropout masks of ${this.capacity} examples`);
    this.masks = offsets.map((offset) => block + offset);
  }

  release(layers: Layers): void {
    layers.blocks.release(this.#block);
    const [masks] = this.masks;
    if (masks !== undefined) layers.blocks.release(masks);
  }
}
