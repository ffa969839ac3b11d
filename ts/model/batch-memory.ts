import { activationRow } from "../catalog/activations.js";
import type { Cells, Room, Span, SpanRequest } from "../engine/memory.js";
import type { Layout } from "./layout.js";

/**
 * Room for one batch of up to `capacity` examples: X, labels, the activations of all layers, and for training the
 * pre-activations that are kept and two buffers for dZ (a layer's and the one before it, in turn).
 */
export class BatchMemory {
  readonly capacity: number;
  readonly x: Span;
  /** A number for each unit, or a class index. */
  readonly labels: Span<Cells>;
  /** A_1 … A_L; the last one holds the logits. */
  readonly activations: readonly Span[];
  /** Z_l, where training keeps it for the backward pass. */
  readonly preActivations: readonly (Span | undefined)[];
  readonly dz: readonly [Span, Span];
  /** Where products pack their operands. */
  readonly workspace: Span;

  readonly #room: Room;
  #masks: Room | undefined;

  constructor(layers: Layout, capacity: number, purpose: "training" | "prediction") {
    const { dtype, dense, engine } = layers;
    const most = (count: (layer: (typeof dense)[number]) => number) =>
      dense.reduce((largest, layer) => Math.max(largest, count(layer)), 0);
    const widest = purpose === "training" ? most(({ outputs }) => outputs) : 0;
    const workspace = most(({ inputs, outputs }) => engine.workspaceLength(dtype, capacity, inputs, outputs));
    const numbers = (length: number): SpanRequest => ({ type: dtype, length });
    const keepsZ = ({ activation }: (typeof dense)[number]) =>
      purpose === "training" && activationRow(activation).seesPreActivation === true;
    const requests = {
      x: numbers(capacity * layers.inputs),
      labels: { type: layers.labelType, length: capacity * layers.labelWidth },
      dz: numbers(capacity * widest),
      otherDz: numbers(capacity * widest),
      workspace: numbers(workspace),
      ...named("a", dense, ({ outputs }) => numbers(capacity * outputs)),
      ...named("z", dense.filter(keepsZ), ({ outputs }) => numbers(capacity * outputs)),
    };
    const room = engine.room(`a ${purpose} batch of ${capacity} examples`, requests);
    const { spans } = room;
    this.#room = room;
    this.capacity = capacity;
    this.x = spans.x;
    this.labels = spans.labels;
    this.activations = dense.map(({ index }) => spanOf(spans, "a", index));
    this.preActivations = dense.map((layer) => (keepsZ(layer) ? spanOf(spans, "z", layer.index) : undefined));
    this.dz = [spans.dz, spans.otherDz];
    this.workspace = spans.workspace;
  }

  /** The masks of the hidden layers 1 … L−1; makes room for them, once. Raises ResourceError. */
  masks({ dtype, dense, engine }: Layout): readonly Span[] {
    const hidden = dense.slice(0, -1);
    const requests = named("mask", hidden, ({ outputs }) => ({
      type: dtype,
      length: this.capacity * outputs,
    }));
    this.#masks ??= engine.room(`the dropout masks of ${this.capacity} examples`, requests);
    const { spans } = this.#masks;
    return hidden.map(({ index }) => spanOf(spans, "mask", index));
  }

  release(): void {
    this.#room.release();
    this.#masks?.release();
  }
}

function named<Layer extends { readonly index: number }>(
  prefix: string,
  layers: readonly Layer[],
  request: (layer: Layer) => SpanRequest,
): Record<string, SpanRequest> {
  return Object.fromEntries(layers.map((layer) => [`${prefix}${layer.index}`, request(layer)]));
}

function spanOf(spans: Readonly<Record<string, Span>>, prefix: string, index: number): Span {
  const span = spans[`${prefix}${index}`];
  if (span === undefined) throw new Error(`no span ${prefix}${index}`);
  return span;
}
