import { Matrix } from "../../../ts/index.js";
import type { View } from "./data-sets.js";

/** The plane that data sets lie in: −2 … 2 both ways. */
export const HALF_WIDTH = 2;

/** Points a side at which the network is asked for the picture of its decision boundary. */
export const GRID = 72;

/** Points from left to right at which it is asked for the curve of its answers. */
export const CURVE_POINTS = 361;

/** Where the network is asked what the plane shows of it; undefined where its answers for the examples are shown. */
export function pointsOf(view: View): Matrix | undefined {
  if (view === "map") return undefined;
  return view === "curve" ? curvePoints() : gridPoints();
}

/** From the left edge to the right one. */
function curvePoints(): Matrix {
  const x = Float32Array.from({ length: CURVE_POINTS }, (_, i) => curveX(i));
  return new Matrix(x, CURVE_POINTS, 1);
}

/** The input at the i-th point of the curve. */
export function curveX(i: number): number {
  return (i / (CURVE_POINTS - 1)) * 2 * HALF_WIDTH - HALF_WIDTH;
}

/** The middles of GRID × GRID cells, row after row from the top left. */
function gridPoints(): Matrix {
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
