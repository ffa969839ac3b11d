/*
 * exp, log, sine and cosine by sums, products and quotients alone, which are the same bits in every engine: Math's own are not.
 */

/** log 2, the first 32 bits of it and the rest. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
const LARGEST = 709.782712893384;
const SMALLEST = -745.1332191019411;

/** eˣ, to a relative error below 1e-15: x = k·log 2 + r, eˣ = 2ᵏ·Σ rⁿ/n!. */
export function exp(x: number): number {
  if (Number.isNaN(x)) return Number.NaN;
  if (x > LARGEST) return Number.POSITIVE_INFINITY;
  if (x < SMALLEST) return 0;
  const k = Math.floor(x / (LN2_HIGH + LN2_LOW) + 0.5);
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  let sum = 1;
  for (let n = 14; n >= 1; n--) sum = 1 + (sum * r) / n;
  return scaled(sum, k);
}

/** x·2ᵏ, in two steps where 2ᵏ alone is beyond the range. */
function scaled(x: number, k: number): number {
  const half = Math.trunc(k / 2);
  return x * powerOfTwo(half) * powerOfTwo(k - half);
}

function powerOfTwo(k: number): number {
  let [power, base] = [1, k < 0 ? 0.5 : 2];
  for (let rest = Math.abs(k); rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) power *= base;
    base *= base;
  }
  return power;
}

/** log x of x > 0, to some 1e-15: x = 2ᵏ·f with f in [1/√2, √2], log f = 2·artanh((f − 1)/(f + 1)). */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? Number.NEGATIVE_INFINITY : Number.NaN;
  if (x === Number.POSITIVE_INFINITY) return x;
  let [f, k] = [x, 0];
  while (f > Math.SQRT2) [f, k] = [f / 2, k + 1];
  while (f < Math.SQRT1_2) [f, k] = [f * 2, k - 1];
  const s = (f - 1) / (f + 1);
  const square = s * s;
  let sum = 0;
  for (let n = 23; n >= 1; n -= 2) sum = sum * square + 1 / n;
  return k * LN2_HIGH + (2 * s * sum + k * LN2_LOW);
}

/** [sin, cos] of 2π·turn, turn in [0, 1]. */
export function onCircle(turn: number): readonly [sine: number, cosine: number] {
  // To within an eighth of a turn of 0, 1/4, 1/2 or 3/4, where few terms suffice.
  const quarter = Math.floor(turn * 4 + 0.5);
  const angle = (turn - quarter / 4) * 6.283185307179586;
  const square = angle * angle;
  let [sine, cosine] = [1, 1];
  for (let n = 16; n >= 2; n -= 2) {
    cosine = 1 - (cosine * square) / (n * (n - 1));
    sine = 1 - (sine * square) / (n * (n + 1));
  }
  sine *= angle;
  const turned = ((quarter % 4) + 4) % 4;
  if (turned === 0) return [sine, cosine];
  if (turned === 1) return [cosine, -sine];
  return turned === 2 ? [-sine, -cosine] : [-cosine, sine];
}
