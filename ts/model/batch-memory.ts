import { activationRow } from "../catalog/activations.js";
import type { Cells, Room, Span, SpanRequest } from "../engine/memory.js";
import type { Layout, Node } from "./layout.js";
import type { PackedInputs } from "./packed-inputs.js";

/**
 * Room for one batch of up to `capacity` examples: X, labels, what every node makes of it, and for training what the
 * backward pass needs: what activations keep, and buffers for gradients by their outputs.
 */
export class BatchMemory {
  readonly capacity: number;
  /** Training normalises by the batch, and keeps what the backward pass sees. */
  readonly purpose: "training" | "prediction";
  readonly x: Span;
  /** A number for each unit, or a class index. */
  readonly labels: Span<Cells>;
  /** What each node makes; the last one's are the logits. */
  readonly activations: readonly Span[];
  /** What each node's activation keeps for the backward pass, where it keeps anything. */
  readonly kept: readonly (Span | undefined)[];
  readonly norms: readonly (NormMemory | undefined)[];
  /** Buffers for gradients: one that is read, one that is written, and one for each residual layer that is open. */
  readonly dz: readonly Span[];
  /** Where products pack their operands. */
  readonly workspace: Span;
  /** X in other orders, where a fit has the same X in every step and that gains something; programs that are bound then read it. */
  packed: PackedInputs | undefined;

  readonly #weights: Span<Cells>;
  #isWeighted = false;
  readonly #room: Room;
  #masks: Room | undefined;

  constructor(layers: Layout, capacity: number, purpose: "training" | "prediction") {
    const { dtype, nodes, dense, engine, architecture } = layers;
    const widest = nodes.reduce((largest, { outputs }) => Math.max(largest, outputs), 0);
    const gradients = purpose === "training" ? capacity * widest : 0;
    const workspace = dense.reduce(
      (most, { inputs, outputs }) => Math.max(most, engine.workspaceLength(dtype, capacity, inputs, outputs)),
      0,
    );
    const numbers = (length: number): SpanRequest => ({ type: dtype, length });
    const keeps = (node: Node) =>
      purpose === "training" && "activation" in node && activationRow(node.activation).keeps !== undefined;
    const buffers = Array.from({ length: 2 + architecture.depth }, () => numbers(gradients));
    const requests = {
      x: numbers(capacity * layers.inputs),
      labels: { type: layers.labelType, length: capacity * layers.labelWidth },
      weights: { type: "float64" as const, length: capacity },
      ...named("dz", buffers),
      workspace: numbers(workspace),
      ...named(
        "a",
        nodes.map(({ kind, outputs }) => (kind === "open" ? undefined : numbers(capacity * outputs))),
      ),
      ...named(
        "kept",
        nodes.map((node) => (keeps(node) ? numbers(capacity * node.outputs) : undefined)),
      ),
      ...named(
        "norm",
        nodes.map((node) => ("scale" in node ? numbers(capacity * node.outputs) : undefined)),
      ),
      ...named(
        "statistics",
        nodes.map((node) => {
          if (node.kind === "batchNorm") return numbers(3 * node.outputs);
          return node.kind === "layerNorm" ? numbers(capacity) : undefined;
        }),
      ),
    };
    const room = engine.room(`a ${purpose} batch of ${capacity} examples`, requests);
    const { spans } = room;
    const optional: Readonly<Record<string, Span | undefined>> = spans;
    this.#room = room;
    this.purpose = purpose;
    this.capacity = capacity;
    this.x = spans.x;
    this.labels = spans.labels;
    this.#weights = spans.weights;
    this.dz = buffers.map((_, i) => spanOf(spans, `dz${i}`));
    this.workspace = spans.workspace;
    let before = spans.x;
    this.activations = nodes.map(({ kind }, i) => {
      if (kind !== "open") before = spanOf(spans, `a${i}`);
      return before;
    });
    this.kept = nodes.map((_, i) => optional[`kept${i}`]);
    this.norms = nodes.map((node, i): NormMemory | undefined => {
      const [normal, statistics] = [optional[`norm${i}`], optional[`statistics${i}`]];
      if (normal === undefined || statistics === undefined) return undefined;
      if (node.kind !== "batchNorm")
        return { normal, mean: statistics, spread: statistics, room: statistics };
      const [mean, spread, room] = [0, 1, 2].map((k) => statistics.part(k * node.outputs, node.outputs));
      if (mean === undefined || spread === undefined || room === undefined) return undefined;
      return { normal, mean, spread, room };
    });
  }

  /** w of each example, as float64; null where all weigh 1. */
  get weights(): Span<Cells> | null {
    return this.#isWeighted ? this.#weights : null;
  }

  /** Says whether its examples have weights, and returns where these are to be. Programs that are bound then have them too. */
  weigh(isWeighted: boolean): Span<Cells> | null {
    this.#isWeighted = isWeighted;
    return this.weights;
  }

  /** The masks of what is dropped; makes room for them, once. Raises ResourceError. */
  masks({ dtype, architecture, engine }: Layout): readonly Span[] {
    const { drops } = architecture;
    const requests = drops.map(({ width }) => ({ type: dtype, length: this.capacity * width }));
    this.#masks ??= engine.room(`the dropout masks of ${this.capacity} examples`, named("mask", requests));
    const { spans } = this.#masks;
    return drops.map((_, i) => spanOf(spans, `mask${i}`));
  }

  release(): void {
    this.#room.release();
    this.#masks?.release();
  }
}

/** What a norm keeps of a batch: normalised numbers, and of a batchNorm mean and variance by column with some room, of a
 * layerNorm the deviation by row, as `spread`. */
interface NormMemory {
  readonly normal: Span;
  readonly mean: Span;
  readonly spread: Span;
  readonly room: Span;
}

/** Those that are there, by a name and their index. */
function named(prefix: string, requests: readonly (SpanRequest | undefined)[]): Record<string, SpanRequest> {
  return Object.fromEntries(
    requests.flatMap((request, i) => (request === undefined ? [] : [[`${prefix}${i}`, request]])),
  );
}

function spanOf(spans: Readonly<Record<string, Span>>, name: string): Span {
  const span = spans[name];
  if (span === undefined) throw new Error(`no span ${name}`);
  return span;
}
