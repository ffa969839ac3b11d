import { describe, expect, it } from "vitest";
import { confusionMatrix, formatConfusionMatrix, recall } from "../../examples/report/confusion-matrix.js";
import {
  axisTicks,
  isSaved,
  learningCurveSvg,
  learningCurveText,
} from "../../examples/report/learning-curve.js";

describe("the confusion matrix", () => {
  const counts = confusionMatrix([0, 0, 1, 1, 1, 2], [0, 1, 1, 1, 0, 2], 4);

  it("counts true classes in rows and predicted ones in columns", () => {
    expect(counts).toEqual([
      [1, 1, 0, 0],
      [1, 2, 0, 0],
      [0, 0, 1, 0],
      [0, 0, 0, 0],
    ]);
  });

  it("has a class's recall, and none for a class without examples", () => {
    expect([0, 1, 2, 3].map((ofClass) => recall(counts, ofClass))).toEqual([1 / 2, 2 / 3, 1, undefined]);
  });

  it("is printed with recall in per cent", () => {
    const lines = formatConfusionMatrix(counts, ["a", "b", "c", "none"]).split("\n");
    expect(lines[3]).toMatch(/^ +a │ +1 +1 +· +· +│ +50\.0 %$/);
    expect(lines[6]).toMatch(/^none │ +· +· +· +· +│ +none$/);
  });

  it("numbers its columns where their names would make it too wide", () => {
    const names = Array.from({ length: 10 }, (_, i) => `Ankle boot ${i}`);
    const lines = formatConfusionMatrix(
      names.map(() => names.map(() => 123)),
      names,
    ).split("\n");
    expect(lines[1]).toMatch(/true │ +0 +1 +2 .* 9 +│ recall$/);
    expect(lines[4]).toMatch(/^1 Ankle boot 1 │ +123/);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  it("rejects classes that aren't there", () => {
    expect(() => confusionMatrix([0, 2], [0, 0], 2)).toThrow(RangeError);
    expect(() => confusionMatrix([0, 1], [0, 2], 2)).toThrow(RangeError);
    expect(() => confusionMatrix([0, 1], [0], 2)).toThrow(RangeError);
  });
});

describe("the learning curve", () => {
  // save_cost_freq 70: what was saved at iterations 1, 70, 140, …, 2100.
  const steps = Array.from({ length: 2100 }, (_, i) => i + 1).filter((step) => isSaved(step, 70));
  const saved = steps.map((step, i) => ({ step, loss: 1 / (i + 1) }));
  const captions = { title: "title", subtitle: "subtitle", step: "iteration", loss: "cost" };
  const marked = axisTicks(saved, 8).map((i) => saved[i]?.step ?? 0);

  it("saves at step 1 and every so many steps", () => {
    expect(steps.slice(0, 4)).toEqual([1, 70, 140, 210]);
    expect(steps).toHaveLength(31);
  });

  it("has an axis of steps that were saved, in the picture", () => {
    expect(marked).toEqual([1, 350, 700, 1050, 1400, 1750, 2100]);
    const texts = [...learningCurveSvg(saved, captions).matchAll(/<text[^>]*>([^<]*)<\/text>/g)];
    const words = texts.map(([, text = ""]) => text.replaceAll(",", ""));
    expect(words).toEqual(expect.arrayContaining(marked.map(String)));
    expect(words).toEqual(expect.arrayContaining(["title", "subtitle", "iteration", "cost"]));
  });

  it("has an axis of steps that were saved, in the terminal", () => {
    const lines = learningCurveText(saved, 80, captions).split("\n");
    expect(lines.at(-2)?.trim().split(/ +/).map(Number)).toEqual(marked);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(lines.at(-1)?.trim()).toBe("iteration");
  });

  it.each([1, 2, 3, 79, 1000])("draws %i losses in any width", (count) => {
    const losses = Array.from({ length: count }, (_, i) => ({ step: i + 1, loss: Math.cos(i) + 1 }));
    for (const columns of [70, 80, 200]) {
      const lines = learningCurveText(losses, columns, captions).split("\n");
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
      expect(lines.join("")).not.toMatch(/NaN|undefined/);
    }
  });
});
