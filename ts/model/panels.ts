import type { Floats } from "../engine/memory.js";

/**
 * The layout of the first layer's W in wasm memory, where its units are a multiple of the panel: of `panel` units the
 * weights of input 0, those of input 1, and so on; then the same of the next `panel` units. A product reads W so, and
 * each step would have to bring it into this order. Everywhere else W is row-major, which is a panel of 1.
 */

/** A W's sizes. */
interface Weights {
  readonly inputs: number;
  readonly outputs: number;
  readonly panel: number;
}

/** Where the weight of unit `i` for input `j` stands in its W. */
export function positionOf({ inputs, panel }: Weights, i: number, j: number): number {
  const unit = i % panel;
  return (i - unit) * inputs + j * panel + unit;
}

/** `to` ← the row-major W, in its panels. */
export function intoPanels(to: Floats, from: Floats, weights: Weights): void {
  forAll(weights, (row, at) => {
    to[at] = from[row] ?? 0;
  });
}

/** `to` ← the W in its panels, row-major. */
export function outOfPanels(to: Floats, from: Floats, weights: Weights): void {
  forAll(weights, (row, at) => {
    to[row] = from[at] ?? 0;
  });
}

/** Calls with the position of each weight row-major and in panels. */
function forAll({ inputs, outputs, panel }: Weights, visit: (row: number, at: number) => void): void {
  for (let i = 0; i < outputs; i++) {
    let at = positionOf({ inputs, outputs, panel }, i, 0);
    for (let row = i * inputs; row < (i + 1) * inputs; row++) {
      visit(row, at);
      at += panel;
    }
  }
}
