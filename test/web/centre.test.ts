import { expect, test } from "vitest";
import { type Stroke, toDigit } from "../../web/src/digits/centre.js";

const SIDE = 28;

function look(pixels: Uint8Array) {
  let [mass, x, y] = [0, 0, 0];
  const columns: number[] = [];
  const rows: number[] = [];
  pixels.forEach((pixel, i) => {
    if (pixel === 0) return;
    const [row, col] = [Math.floor(i / SIDE), i % SIDE];
    columns.push(col);
    rows.push(row);
    mass += pixel;
    x += pixel * (col + 0.5);
    y += pixel * (row + 0.5);
  });
  const extent = (values: number[]) => Math.max(...values) - Math.min(...values) + 1;
  return { centre: [x / mass, y / mass], width: extent(columns), height: extent(rows) };
}

const seven: Stroke[] = [
  [
    { x: 0.2, y: 0.1 },
    { x: 0.5, y: 0.1 },
    { x: 0.3, y: 0.7 },
  ],
];

test("the longer side fills 20 pixels and the centre of mass is the image's", () => {
  const { centre, width, height } = look(toDigit(seven) ?? new Uint8Array());
  expect(height).toBeGreaterThanOrEqual(20);
  expect(height).toBeLessThanOrEqual(22); // edges are soft
  expect(width).toBeLessThan(14);
  expect(centre[0]).toBeCloseTo(14, 1);
  expect(centre[1]).toBeCloseTo(14, 1);
});

test("where and how large it was drawn makes no difference", () => {
  const small = seven.map((stroke) => stroke.map(({ x, y }) => ({ x: 0.5 + x / 4, y: 0.25 + y / 4 })));
  const [a, b] = [toDigit(small) ?? new Uint8Array(), toDigit(seven) ?? new Uint8Array()];
  expect(a.length).toBe(b.length);
  expect(Math.max(...Array.from(a, (pixel, i) => Math.abs(pixel - (b[i] ?? 0))))).toBeLessThanOrEqual(1);
});

test("a dot stays a dot, and nothing is nothing", () => {
  const { width, height } = look(toDigit([[{ x: 0.9, y: 0.9 }]]) ?? new Uint8Array());
  expect([width, height]).toEqual([4, 4]);
  expect(toDigit([])).toBeUndefined();
});
