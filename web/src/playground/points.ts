/** A point of the plane −2 … 2 and its class. */
export interface Point {
  readonly x: number;
  readonly y: number;
  readonly label: number;
}

/** Classes that a data set may have. */
export const MAX_CLASSES = 4;

/** Points that a link can carry (5 bytes each). */
export const MAX_POINTS = 2000;

/** Coordinates of own points are multiples of 2⁻¹⁴: exact in float32, and 16 bits in a link. */
const SCALE = 2 ** 14;
const BYTES = 5;

/** The point as a link carries it. */
export function onGrid({ x, y, label }: Point): Point {
  return { x: toGrid(x) / SCALE, y: toGrid(y) / SCALE, label };
}

function toGrid(value: number): number {
  return Math.max(-(2 ** 15), Math.min(2 ** 15 - 1, Math.round(value * SCALE)));
}

/** Points on the grid as text for a URL (base64url). */
export function encodePoints(points: readonly Point[]): string {
  const view = new DataView(new ArrayBuffer(points.length * BYTES));
  points.forEach(({ x, y, label }, i) => {
    view.setInt16(i * BYTES, toGrid(x));
    view.setInt16(i * BYTES + 2, toGrid(y));
    view.setUint8(i * BYTES + 4, label);
  });
  const text = Array.from(new Uint8Array(view.buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** What {@link encodePoints} made; undefined for any other text. */
export function decodePoints(text: string): Point[] | undefined {
  let bytes: string;
  try {
    bytes = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    return undefined;
  }
  if (bytes.length % BYTES !== 0 || bytes.length > MAX_POINTS * BYTES) return undefined;
  const view = new DataView(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)).buffer);
  const points = Array.from({ length: bytes.length / BYTES }, (_, i) => ({
    x: view.getInt16(i * BYTES) / SCALE,
    y: view.getInt16(i * BYTES + 2) / SCALE,
    label: view.getUint8(i * BYTES + 4),
  }));
  return points.every(({ label }) => label < MAX_CLASSES) ? points : undefined;
}
