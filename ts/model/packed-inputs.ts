import { BYTES, type Dtype } from "../config/dtype.js";
import type { Room, Span } from "../engine/memory.js";
import type { Operation } from "../engine/operations.js";
import { ResourceError } from "../errors/errors.js";
import type { DenseLayer } from "./dense.js";
import type { Layout } from "./layout.js";

/** Steps that gain more than packing takes, memory included. */
const LEAST_STEPS = 10;

/** Bytes of an X that isn't in a core's cache from one step to the next, and of one that is too large to lie there thrice. */
const LEAST_BYTES = 2 ** 20;
const MOST_BYTES = 2 ** 28;

/** Inputs from which on their products take longer than to turn those over into A. */
const LEAST_INPUTS = 256;

/** How full of units their panels are at most: vectors along fuller ones lose less than packing costs. */
const MOST_FILLED = 0.75;

/** X as a narrow first layer's products read it, for a fit whose every step has the same X. */
export class PackedInputs {
  /** Xᵀ in panels of examples, the last one padded. */
  readonly byExamples: Span;
  /** X in panels of inputs, as many as are whole. */
  readonly byInputs: Span;
  /** Products of each unit with all examples. */
  readonly products: Span;
  readonly workspace: Span;
  readonly #room: Room;

  private constructor(room: Room<"byExamples" | "byInputs" | "products" | "workspace">) {
    this.byExamples = room.spans.byExamples;
    this.byInputs = room.spans.byInputs;
    this.products = room.spans.products;
    this.workspace = room.spans.workspace;
    this.#room = room;
  }

  /** Room for m examples of a network, read in so many steps; undefined where that gains nothing, or there is none. */
  static of(layers: Layout, m: number, steps: number): PackedInputs | undefined {
    const { engine, dtype, nodes } = layers;
    const [first] = nodes;
    const width = engine.panelWidth(dtype);
    if (steps < LEAST_STEPS || first?.kind !== "dense") return undefined;
    if (!isWorthPacking(first, m, width, dtype)) return undefined;
    const { inputs, outputs } = first;
    const examples = Math.ceil(m / width) * width;
    const workspace = engine.workspaceLength(dtype, outputs, inputs, examples);
    const numbers = (length: number) => ({ type: dtype, length });
    try {
      const room = engine.room(`${m} examples in the order in which products read them`, {
        byExamples: numbers(examples * inputs),
        byInputs: numbers(m * (inputs - (inputs % width))),
        products: numbers(outputs * examples),
        workspace: numbers(Math.max(workspace, engine.workspaceLength(dtype, m, inputs, outputs))),
      });
      return new PackedInputs(room);
    } catch (error) {
      if (error instanceof ResourceError) return undefined; // Only time is lost.
      throw error;
    }
  }

  /** Packs X, once in a program. */
  pass(x: Span, inputs: number): Operation {
    const { byExamples, byInputs } = this;
    return { op: "packInputs", byExamples, byInputs, x, inputs };
  }

  release(): void {
    this.#room.release();
  }
}

function isWorthPacking({ inputs, outputs }: DenseLayer, m: number, width: number, dtype: Dtype): boolean {
  const bytes = m * inputs * BYTES[dtype];
  const filled = outputs / (Math.ceil(outputs / width) * width);
  return inputs >= LEAST_INPUTS && filled <= MOST_FILLED && bytes >= LEAST_BYTES && bytes <= MOST_BYTES;
}
