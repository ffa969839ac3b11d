import { PIXELS, SIDE } from "./mnist.js";

/** A place on the drawing pad, 0 … 1 from its left and top. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** The places that the pen went through, from where it was put down to where it was taken up. */
export type Stroke = readonly Place[];

/** MNIST's digits fill a box of this side, centred by their mass in 28 × 28 (LeCun et al., the data set's page). */
const BOX = 20;

/** Half the pen's width, in pixels of the image: about that of MNIST's writers. */
const PEN = 1.15;

/** What is smaller than the pen is wide is a dot, and not blown up into a digit. */
const LARGEST_SCALE = 250;

/**
 * The strokes as MNIST would have them: scaled so that the longer side fills 20 pixels, and moved so that
 * the centre of mass is the image's centre. 28 × 28 pixels, 0 … 255. Undefined if nothing was drawn.
 */
export function toDigit(strokes: readonly Stroke[]): Uint8Array<ArrayBuffer> | undefined {
  const places = strokes.flat();
  if (places.length === 0) return undefined;
  const [left, right] = extent(places.map(({ x }) => x));
  const [top, bottom] = extent(places.map(({ y }) => y));
  const longer = Math.max(right - left, bottom - top);
  const scale = Math.min(LARGEST_SCALE, (BOX - 2 * PEN) / longer);
  const moved = (dx: number, dy: number) =>
    strokes.map((stroke) =>
      stroke.map(({ x, y }) => ({
        x: (x - (left + right) / 2) * scale + SIDE / 2 + dx,
        y: (y - (top + bottom) / 2) * scale + SIDE / 2 + dy,
      })),
    );
  const mass = centreOfMass(rasterize(moved(0, 0)));
  return rasterize(moved(SIDE / 2 - mass.x, SIDE / 2 - mass.y));
}

function extent(values: readonly number[]): [number, number] {
  return [Math.min(...values), Math.max(...values)];
}

/** A round pen along the strokes; a pixel is as dark as it is covered. */
function rasterize(strokes: readonly Stroke[]): Uint8Array<ArrayBuffer> {
  const pixels = new Uint8Array(PIXELS);
  for (const stroke of strokes) {
    stroke.forEach((to, i) => {
      const from = stroke[i - 1] ?? to;
      const [firstRow, lastRow] = reach(from.y, to.y);
      const [firstCol, lastCol] = reach(from.x, to.x);
      for (let row = firstRow; row <= lastRow; row++) {
        for (let col = firstCol; col <= lastCol; col++) {
          const distance = distanceToLine({ x: col + 0.5, y: row + 0.5 }, from, to);
          const covered = 255 * Math.max(0, Math.min(1, PEN + 0.5 - distance));
          const at = row * SIDE + col;
          pixels[at] = Math.max(pixels[at] ?? 0, covered);
        }
      }
    });
  }
  return pixels;
}

/** The rows (or columns) that a pen from a to b can touch. */
function reach(a: number, b: number): [number, number] {
  const within = (value: number) => Math.max(0, Math.min(SIDE - 1, value));
  return [within(Math.floor(Math.min(a, b) - PEN - 1)), within(Math.ceil(Math.max(a, b) + PEN + 1))];
}

function distanceToLine(place: Place, from: Place, to: Place): number {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const square = dx * dx + dy * dy;
  const along = square === 0 ? 0 : ((place.x - from.x) * dx + (place.y - from.y) * dy) / square;
  const t = Math.max(0, Math.min(1, along));
  return Math.hypot(place.x - from.x - t * dx, place.y - from.y - t * dy);
}

function centreOfMass(pixels: Uint8Array): Place {
  let [mass, x, y] = [0, 0, 0];
  pixels.forEach((pixel, i) => {
    mass += pixel;
    x += pixel * ((i % SIDE) + 0.5);
    y += pixel * (Math.floor(i / SIDE) + 0.5);
  });
  return mass === 0 ? { x: SIDE / 2, y: SIDE / 2 } : { x: x / mass, y: y / mass };
}
