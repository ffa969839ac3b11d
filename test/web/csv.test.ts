import { expect, test } from "vitest";
import { CsvError, likelyChoice, readTable, toPoints } from "../../web/src/playground/csv.js";
import { MAX_POINTS } from "../../web/src/playground/points.js";

const pointsOf = (text: string) => {
  const table = readTable(text);
  return toPoints(table, likelyChoice(table));
};

test.each([
  ["comma, with a header", "a,b,kind\n0,5,x\n10,0,y\n"],
  ["semicolon, without a header", "0;5;x\n10;0;y"],
  ["tab, with blank lines", "a\tb\tkind\n\n0\t5\tx\n\n10\t0\ty\n"],
])("%s", (_, text) => {
  const { points, classNames, leftOut } = pointsOf(text);
  expect(classNames).toEqual(["x", "y"]);
  expect(points.map(({ label }) => label)).toEqual([0, 1]);
  expect(points[0]?.x).toBeCloseTo(-1.8, 4);
  expect(points[0]?.y).toBeCloseTo(1.8, 4);
  expect(leftOut).toBe(0);
});

test("classes may be numbers, rows without numbers are left out, and of many rows some are taken", () => {
  const rows = Array.from({ length: 3000 }, (_, i) => `${i},${i % 13},${i % 3}`);
  const { points, classNames, leftOut } = pointsOf(["a,b,c", ...rows, "?,1,2"].join("\n"));
  expect(points.length).toBe(MAX_POINTS);
  expect(classNames).toEqual(["0", "1", "2"]);
  expect(leftOut).toBe(1001);
});

test("a constant column lies in the middle", () => {
  expect(pointsOf("a,b,c\n7,1,x\n7,2,y\n").points.map(({ x }) => x)).toEqual([0, 0]);
});

test.each([
  ["", "The file holds no rows."],
  ["1,2\n3,4", "Three columns are needed"],
  ["a,b,c\nx,y,z\nu,v,w", "Two columns of numbers are needed"],
  ["a,b,c\n1,2,k\n3,4,k", "has 1 different values; 2 to 4 can be shown"],
])("%o is refused with the reason", (text, reason) => {
  expect(() => pointsOf(text)).toThrow(CsvError);
  expect(() => pointsOf(text)).toThrow(reason);
});
