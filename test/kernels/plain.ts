/** Plain loops over float64 numbers. */

/** The rows of a row-major matrix. */
export function rowsOf(matrix: Float64Array, rows: number, columns: number): Float64Array[] {
  return Array.from({ length: rows }, (_, i) => matrix.subarray(i * columns, (i + 1) * columns));
}

/** The columns of a row-major matrix. */
export function columnsOf(matrix: Float64Array, rows: number, columns: number): Float64Array[] {
  return Array.from({ length: columns }, (_, j) =>
    Float64Array.from({ length: rows }, (_, i) => matrix[i * columns + j] ?? Number.NaN),
  );
}

/** Σ terms and Σ |terms|: what rounding is measured by. */
export interface Sum {
  readonly value: number;
  readonly magnitude: number;
}

/** start + Σ uᵢ·vᵢ */
export function dot(u: Float64Array, v: Float64Array, start = 0): Sum {
  let value = start;
  let magnitude = Math.abs(start);
  for (let i = 0; i < u.length; i++) {
    const term = (u[i] ?? Number.NaN) * (v[i] ?? Number.NaN);
    value += term;
    magnitude += Math.abs(term);
  }
  return { value, magnitude };
}
