import {
  type Activation,
  activationFacts,
  activationRow,
  HIDDEN_ACTIVATIONS,
} from "../ts/catalog/activations.js";
import type { Engine } from "../ts/engine/engine.js";
import type { Room, Span } from "../ts/engine/memory.js";
import type { Operation } from "../ts/engine/operations.js";
import { benchmarkEngine } from "./engine.js";
import { measurementOf } from "./measurement.js";
import type { Case, Race } from "./rounds.js";
import type { Work } from "./works.js";

/** The products of the hidden layers alone, without bias and activation. */
export const BARE = "products alone";

/** What is timed: these products, and the layers with each activation. */
export const HIDDEN_LAYERS = [BARE, ...HIDDEN_ACTIVATIONS] as const;

export function hiddenLayersName(activation: (typeof HIDDEN_LAYERS)[number]): string {
  return `hidden layers (${activation})`;
}

const DTYPE = "float32";

/** Inputs of the first layer: few, so that its product does not hide what is looked at. And units of the last. */
const [INPUTS, OUTPUTS] = [8, 10];

/**
 * What an activation costs in both directions on a batch of the work's hidden layers: the products Z and dX with bias, g,
 * g′ and, where it keeps something for g′, that, less the same products alone.
 */
export async function activationsRace(work: Work): Promise<Race> {
  const engine = await benchmarkEngine(DTYPE);
  const layers = new HiddenLayers(engine, work);
  const programs = HIDDEN_LAYERS.map((name) =>
    engine.program(DTYPE, name === BARE ? layers.products() : layers.withActivation(name)),
  );
  const cases = HIDDEN_LAYERS.map((name, i): Case => {
    return { name, kind: "call", run: () => programs[i]?.run(work.batchSize, 0, 0), units: 1 };
  });
  const common = { suite: "kernels", backend: "layerwise", threads: 1, dtype: DTYPE } as const;
  return {
    cases,
    finish: (rates) => {
      for (const program of programs) program.release();
      layers.release();
      return HIDDEN_LAYERS.map((name) =>
        measurementOf({ ...common, work: hiddenLayersName(name) }, { rates: rates.get(name) }),
      );
    },
  };
}

/** A network's layers as operations, on memory of their own. */
class HiddenLayers {
  readonly #rows: number;
  readonly #dims: readonly number[];
  readonly #room: Room;
  /** A_l, what is kept of it, dZ_l, W_l and b_l, such as `w2`; and the workspace. */
  readonly #spans: Readonly<Record<string, Span>>;

  constructor(engine: Engine, { batchSize: rows, layerDims }: Work) {
    const dims = [INPUTS, ...layerDims.slice(1, -1), OUTPUTS];
    const largest = Math.max(
      ...dims.map((outputs, l) => engine.workspaceLength(DTYPE, rows, dims[l - 1] ?? INPUTS, outputs)),
    );
    const blocks = dims.flatMap((units, l): [string, number][] => [
      ...["a", "kept", "dz"].map((name): [string, number] => [`${name}${l}`, rows * units]),
      [`w${l}`, units * (dims[l - 1] ?? 1)],
      [`b${l}`, units],
    ]);
    const lengths = [...blocks, ["workspace", largest] as const];
    this.#rows = rows;
    this.#dims = dims;
    this.#room = engine.room(
      "the benchmark of activations",
      Object.fromEntries(lengths.map(([name, length]) => [name, { type: DTYPE, length }])),
    );
    this.#spans = this.#room.spans as Readonly<Record<string, Span>>;
    // Numbers whose signs no branch could learn, and so small that no result is subnormal.
    for (const [name, length] of blocks) {
      this.#span(name).write(Float64Array.from({ length }, (_, i) => 0.2 * Math.sin(i * i)));
    }
  }

  products(): Operation[] {
    const one = (c: string, a: string, w: number, n: number, k: number, bTransposed: number): Operation => {
      const operands = { c: this.#span(c), a: this.#span(a), b: this.#span(`w${w}`) };
      const sizes = { m: this.#rows, n, k, aTransposed: 0, bTransposed };
      return { op: "product", ...operands, ...sizes, workspace: this.#span("workspace") };
    };
    return [
      ...this.#each((l) => one(`a${l}`, `a${l - 1}`, l, this.#units(l), this.#units(l - 1), 1)),
      ...this.#each((l) => one(`dz${l}`, `dz${l + 1}`, l + 1, this.#units(l), this.#units(l + 1), 0)),
    ];
  }

  withActivation(activation: Activation): Operation[] {
    const keeps = activationRow(activation).keeps !== undefined;
    const facts = {
      ...activationFacts(activation),
      mask: null,
      keepProb: 1,
      workspace: this.#span("workspace"),
    };
    const forward = (l: number): Operation => ({
      op: "denseForward",
      packed: null,
      products: null,
      ...facts,
      ...{
        a: this.#span(`a${l}`),
        x: this.#span(`a${l - 1}`),
        w: this.#span(`w${l}`),
        b: this.#span(`b${l}`),
      },
      ...{ inputs: this.#units(l - 1), outputs: this.#units(l), panel: 1 },
      kept: keeps ? this.#span(`kept${l}`) : null,
    });
    const backward = (l: number): Operation => ({
      op: "inputGradient",
      ...facts,
      ...{ dx: this.#span(`dz${l}`), dz: this.#span(`dz${l + 1}`), w: this.#span(`w${l + 1}`) },
      ...{ inputs: this.#units(l), outputs: this.#units(l + 1) },
      seen: this.#span(keeps ? `kept${l}` : `a${l}`),
    });
    return [...this.#each(forward), ...this.#each(backward)];
  }

  release(): void {
    this.#room.release();
  }

  #each(operation: (layer: number) => Operation): Operation[] {
    return this.#dims.slice(1, -1).map((_, i) => operation(i + 1));
  }

  #units(layer: number): number {
    return this.#dims[layer] ?? 0;
  }

  #span(name: string): Span {
    const span = this.#spans[name];
    if (span === undefined) throw new Error(`activations.ts: expected a span ${name}`);
    return span;
  }
}
