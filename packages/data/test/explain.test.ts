// What a model's columns are worth, and how sure its scores are.
import { afterAll, beforeAll, expect, it } from "vitest";
import { drawsFor, type Model, scoreIntervals, type Table, tableFrom, trainModel } from "../ts/index.js";

/** y follows from a and, less, from b; not from c. */
function rows(from: number, count: number): Table {
  return tableFrom(
    Array.from({ length: count }, (_, k) => {
      const i = from + k;
      const [a, b, c] = [(i * 37) % 101, ["low", "high"][(i * 7) % 2], (i * 53) % 89];
      return { a, b, c, y: 3 * a + (b === "high" ? 40 : 0) };
    }),
  );
}

let model: Model;
beforeAll(async () => {
  model = await trainModel(rows(0, 400), { target: "y", networks: 1, layers: [32], epochs: 80, keepProb: 1 });
});
afterAll(() => model.dispose());

it("explain puts the columns in the order of what they tell, the same at each call", () => {
  const test = rows(1000, 200);
  const importance = model.explain(test);
  expect(importance.map(({ column }) => column)).toEqual(["a", "b", "c"]);
  const [a, b, c] = importance.map(({ drop }) => drop);
  expect(a).toBeGreaterThan(60);
  expect(b).toBeGreaterThan(8);
  expect(Math.abs(c ?? Number.NaN)).toBeLessThan(4);
  for (const { drop, range } of importance) {
    expect(range[0]).toBeLessThanOrEqual(drop);
    expect(range[1]).toBeGreaterThanOrEqual(drop);
  }
  expect(model.explain(test)).toEqual(importance);
});

it("intervals hold their score, follow from the seed, and are narrower for more rows", () => {
  const widthOf = (count: number) => {
    const { targets, predictions } = model.evaluate(rows(1000, count));
    const [target] = targets;
    const [prediction] = predictions.targets;
    if (target === undefined || prediction === undefined) throw new Error("one target");
    const found = scoreIntervals(target, prediction, 3);
    expect(scoreIntervals(target, prediction, 3)).toEqual(found);
    const { value, interval = [0, 0] } = found.find(({ metric }) => metric === "rootMeanSquaredError") ?? {
      value: 0,
    };
    expect(value).toBe(target.type === "numbers" ? target.rootMeanSquaredError : Number.NaN);
    expect(interval[0]).toBeLessThan(value);
    expect(interval[1]).toBeGreaterThan(value);
    return interval[1] - interval[0];
  };
  expect(widthOf(400)).toBeLessThan(widthOf(30));
  expect([drawsFor(10), drawsFor(8000), drawsFor(1e9)]).toEqual([1000, 500, 100]);
});
