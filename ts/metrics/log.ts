/**
 * log x of a normal number > 0, within 1 ulp: the same bits in every engine, which Math.log need not give.
 *
 * x = 2^k·(1 + f) with √2/2 < 1 + f < √2; s = f/(2 + f); log(1 + f) = f − f²/2 + s·(f²/2 + R(s²)), R the polynomial
 * of degree 14 in s. Source: the method of FreeBSD's e_log.c.
 */
export function log(x: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const high = view.getUint32(0);
  let k = (high >>> 20) - 1023;
  let mantissa = (high & 0xfffff) | 0x3ff00000;
  if ((high & 0xfffff) >= 0x6a09e) {
    k += 1;
    mantissa -= 0x100000;
  }
  view.setUint32(0, mantissa);
  const f = view.getFloat64(0) - 1;
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const odd = w * (L2 + w * (L4 + w * L6));
  const even = z * (L1 + w * (L3 + w * (L5 + w * L7)));
  const half = 0.5 * f * f;
  return s * (half + odd + even) + k * LN2_LOW - half + f + k * LN2_HIGH;
}

const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
const L1 = 0.6666666666666735;
const L2 = 0.3999999999940942;
const L3 = 0.2857142874366239;
const L4 = 0.22222198432149784;
const L5 = 0.1818357216161805;
const L6 = 0.15313837699209373;
const L7 = 0.14798198605116586;
