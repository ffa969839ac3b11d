import { Matrix } from "../../../ts/index.js";

/** The plane that data sets lie in: −2 … 2 both ways. */
export const HALF_WIDTH = 2;

/** Points a side at which the network is asked for the picture of its decision boundary. */
export const GRID = 72;

/** The middles of GRID × GRID cells, row after row from the top left. */
export function gridPoints(): Matrix {
  const x = new Float32Array(GRID * GRID * 2);
  for (let row = 0; row < GRID; row++) {
    for (let col = 0; col < GRID; col++) {
      const at = 2 * (row * GRID + col);
      x[at] = ((col + 0.5) / GRID) * 2 * HALF_WIDTH - HALF_WIDTH;
      x[at + 1] = HALF_WIDTH - ((row + 0.5) / GRID) * 2 * HALF_WIDTH;
    }
  }
  return new Matrix(x, GRID * GRID, 2);
}
