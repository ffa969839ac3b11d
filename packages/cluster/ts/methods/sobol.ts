/*
 * Sobol's sequence (1967) with the direction numbers of Joe & Kuo (2008, new-joe-kuo-6.21201), in the order of the Gray code
 * (Antonov & Saleev 1979), as scipy.stats.qmc.Sobol gives it unscrambled.
 */

/** Of each dimension but the first: a primitive polynomial's coefficients as bits, and the first odd m. */
const POLYNOMIALS: readonly (readonly number[])[] = [
  [3, 1],
  [7, 1, 3],
  [11, 1, 3, 1],
  [13, 1, 1, 1],
  [19, 1, 1, 3, 3],
  [25, 1, 3, 5, 13],
  [37, 1, 1, 5, 5, 17],
  [41, 1, 1, 5, 5, 5],
  [47, 1, 1, 7, 11, 19],
  [55, 1, 1, 5, 1, 1],
  [59, 1, 1, 1, 3, 11],
  [61, 1, 3, 5, 5, 31],
  [67, 1, 3, 3, 9, 7, 49],
  [91, 1, 1, 1, 15, 21, 21],
  [97, 1, 3, 1, 13, 27, 49],
  [103, 1, 1, 1, 15, 7, 5],
  [109, 1, 3, 1, 15, 13, 25],
  [115, 1, 1, 5, 5, 19, 61],
  [131, 1, 3, 7, 11, 23, 15, 103],
  [137, 1, 3, 7, 13, 13, 15, 69],
  [143, 1, 1, 3, 13, 7, 35, 63],
  [145, 1, 3, 5, 9, 1, 25, 53],
  [157, 1, 3, 1, 13, 9, 35, 107],
  [167, 1, 3, 1, 5, 27, 61, 31],
  [171, 1, 1, 5, 11, 19, 41, 61],
  [185, 1, 3, 5, 3, 3, 13, 69],
  [191, 1, 1, 7, 13, 1, 19, 1],
  [193, 1, 3, 7, 5, 13, 19, 59],
  [203, 1, 1, 3, 9, 25, 29, 41],
  [211, 1, 3, 5, 13, 23, 1, 55],
  [213, 1, 3, 7, 3, 13, 59, 17],
];

export const MOST_DIMENSIONS = POLYNOMIALS.length + 1;

const BITS = 32;

const directions = new Map<number, Uint32Array>();

/** Coordinate d of point k, times 2³². */
export function sobolPoint(d: number, k: number): number {
  const v = directionsOf(d);
  const gray = k ^ (k >>> 1);
  let x = 0;
  for (let bit = 0; bit < BITS; bit++) if ((gray >>> bit) & 1) x ^= v[bit] ?? 0;
  return x >>> 0;
}

/** v_i = m_i·2^(32 − i), where m_i = 2a_1·m_{i−1} ⊕ … ⊕ 2^s·m_{i−s} ⊕ m_{i−s}. */
function directionsOf(d: number): Uint32Array {
  const known = directions.get(d);
  if (known !== undefined) return known;
  const v = new Uint32Array(BITS);
  const [polynomial = 1, ...first] = POLYNOMIALS[d - 1] ?? [];
  const s = first.length;
  for (let i = 0; i < BITS; i++) {
    if (s === 0 || i < s) {
      v[i] = (s === 0 ? 1 : (first[i] ?? 1)) << (BITS - 1 - i);
      continue;
    }
    let x = (v[i - s] ?? 0) ^ ((v[i - s] ?? 0) >>> s);
    for (let j = 1; j < s; j++) if ((polynomial >>> (s - j)) & 1) x ^= v[i - j] ?? 0;
    v[i] = x;
  }
  directions.set(d, v);
  return v;
}
