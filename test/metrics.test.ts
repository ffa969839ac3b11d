// Metrics against scikit-learn (golden/metrics/make.py), and what evaluate makes of them.
import { readFileSync } from "node:fs";
import { describe, expect, expectTypeOf, it } from "vitest";
import { METRIC_NAMES, METRICS } from "../ts/catalog/metrics.js";
import {
  type CreateOptions,
  createNetwork,
  fScore,
  type Matrix,
  type Metric,
  type Network,
  score,
  topK,
} from "../ts/index.js";
import type { Answers } from "../ts/metrics/answers.js";
import { log } from "../ts/metrics/log.js";
import { type Asked, resolveMetrics } from "../ts/metrics/metric.js";
import { metricValue } from "../ts/metrics/metric-value.js";

interface Case {
  readonly kind: Answers["kind"];
  readonly targets: readonly number[] | readonly (readonly number[])[];
  readonly outputs: readonly (readonly number[])[];
  readonly weights: readonly number[] | null;
  readonly values: Readonly<Record<string, number | readonly (readonly number[])[] | null>>;
}

const golden: readonly Case[] = JSON.parse(readFileSync("test/golden/metrics/scikit-learn.json", "utf8"));

async function errorOf(act: () => unknown): Promise<unknown> {
  try {
    await act();
  } catch (error) {
    return error;
  }
  return undefined;
}

function answersOf({ kind, targets, outputs, weights }: Case): Answers {
  const n = outputs[0]?.length ?? 0;
  const chosen = outputs.map((row) =>
    kind === "classes" ? [row.indexOf(Math.max(...row))] : row.map((p) => Number(p > 0.5)),
  );
  return {
    kind,
    targets: targets.flat(),
    outputs: Float64Array.from(outputs.flat()),
    chosen: chosen.flat(),
    m: outputs.length,
    n,
    weights: weights ?? undefined,
    epsilon: 2 ** -52,
  };
}

/** `fScore macro 2` → its metric. */
function metricOf(text: string): Metric {
  const [type = "", ...rest] = text.split(" ");
  const average = rest.find((word) => Number.isNaN(Number(word)));
  const number = rest.find((word) => !Number.isNaN(Number(word)));
  const parameter = METRICS[type as keyof typeof METRICS].parameters[0]?.name;
  return {
    type,
    ...(average === undefined ? {} : { average }),
    ...(number === undefined || parameter === undefined ? {} : { [parameter]: Number(number) }),
  } as Metric;
}

function askedOf(kind: Answers["kind"]): Asked {
  const of = kind === "numbers" ? "numbers" : "classes";
  return { of, isBinary: kind === "binary", isSoftmax: kind === "classes", hasProbabilities: true };
}

describe.each(golden.map((of, i) => [`${i}: ${of.kind}`, of] as const))("case %s", (_, of) => {
  it.each(Object.entries(of.values))("%s", (text, expected) => {
    const answers = answersOf(of);
    const [metric] = resolveMetrics("metrics", [metricOf(text)], askedOf(answers.kind), []);
    if (metric === undefined) throw new Error("no metric");
    const got = [metricValue(metric, answers)].flat(2);
    if (expected === null) {
      expect(got[0]).toBeNaN();
      return;
    }
    const values = [expected].flat(2) as number[];
    values.forEach((value, i) => {
      expect(Math.abs((got[i] ?? Number.NaN) - value)).toBeLessThanOrEqual(
        1e-12 * Math.max(1, Math.abs(value)),
      );
    });
  });
});

it("every metric but calibrationError is compared with scikit-learn", () => {
  const compared = new Set(
    golden.flatMap(({ values }) => Object.keys(values).map((text) => text.split(" ")[0])),
  );
  expect([...METRIC_NAMES].filter((name) => !compared.has(name))).toEqual(["calibrationError"]);
});

it("log is within 1 ulp of the truth, which 1 − log and powers of 2 show", () => {
  for (let k = -52; k <= 0; k++)
    expect(Math.abs(log(2 ** k) / (k * Math.LN2 || 1) - Number(k !== 0))).toBeLessThan(3e-16);
  for (let i = 1; i <= 5000; i++) {
    const x = i / 5000;
    expect(Math.abs(log(x) - Math.log(x))).toBeLessThanOrEqual(3e-16 * Math.max(1e-3, Math.abs(Math.log(x))));
  }
});

it("calibrationError is the mean distance of confidence from the share of right answers", () => {
  // Two in (0.7, 0.8], one of them right; one in (0.9, 1], right.
  const answers = answersOf({
    kind: "binary",
    targets: [[1], [0], [1]],
    outputs: [[0.75], [0.75], [1]],
    weights: null,
    values: {},
  });
  const [metric] = resolveMetrics("metrics", [{ type: "calibrationError", bins: 10 }], askedOf("binary"), []);
  if (metric === undefined) throw new Error("no metric");
  expect(metricValue(metric, answers)).toBeCloseTo((2 * 0.25 + 0) / 3, 15);
});

const x = [
  [1, 0],
  [0, 1],
  [-1, 0],
  [1, 1],
];
const softmax = { layerDims: [2, 3], outputActivation: "softmax", seed: 2, threads: 1 } as const;

describe("evaluate", () => {
  it("gives what was asked beside its own scores, in types too", async () => {
    using network = await createNetwork(softmax);
    const double = { name: "count", value: (_: unknown, { rows }: Matrix) => rows } as const;
    const scores = network.evaluate(x, [0, 1, 2, 0], {
      metrics: [
        "accuracy",
        "confusionMatrix",
        topK({ k: 2 }),
        { type: "fScore", average: "macro", name: "f1" },
        double,
      ],
    });
    expectTypeOf(scores.confusionMatrix).toEqualTypeOf<number[][]>();
    expectTypeOf(scores.f1).toEqualTypeOf<number>();
    expectTypeOf(scores.topK).toEqualTypeOf<number>();
    expect(Object.keys(scores).sort()).toEqual([
      "accuracy",
      "confusionMatrix",
      "count",
      "f1",
      "loss",
      "topK",
    ]);
    expect(scores.count).toBe(4);
    expect(scores.accuracy).toBe(network.evaluate(x, [0, 1, 2, 0]).accuracy);
    expect(scores.confusionMatrix.flat().reduce((sum, count) => sum + count)).toBe(4);
  });

  it("log loss is the loss, and pieces are as one", async () => {
    using network = await createNetwork({ ...softmax, dtype: "float64" });
    const many = Array.from({ length: 3000 }, (_, i) => [Math.sin(i), Math.cos(i)]);
    const classes = many.map((_, i) => i % 3);
    const { loss, logLoss, rocAuc } = network.evaluate(many, classes, { metrics: ["logLoss", "rocAuc"] });
    expect(logLoss).toBeCloseTo(loss, 12);
    expect(rocAuc).toBeGreaterThan(0.4);
  });

  it.each<[unknown, string]>([
    ["rocAuc", "metrics: expected an array"],
    [["rocauc"], 'did you mean "rocAuc"?'],
    [["r2"], "metrics[0]: expected a metric of one of several classes"],
    [[{ type: "topK", K: 3 }], "metrics[0].K: expected only type, name, k (did you mean k?)"],
    [[{ type: "topK", k: 0 }], "metrics[0].k: expected an integer >= 1"],
    [[fScore({ average: "binary" })], "metrics[0].average"],
    [["matthews", "matthews"], "metrics[1]: expected a name that no other score has"],
    [[{ name: "loss", value: () => 1 }], "metrics[0]: expected a name that no other score has"],
    [[{ name: "", value: () => 1 }], "metrics[0].name"],
    [[{ name: "own", value: 3 }], "metrics[0].value"],
    [[{ name: "own", value: () => "much" }], "metrics.own: expected a number"],
  ])("metrics %j: %s", async (metrics, message) => {
    using network = await createNetwork(softmax);
    const error = await errorOf(() => network.evaluate(x, [0, 1, 2, 0], { metrics } as object));
    expect(String(error)).toContain(message);
  });

  it.each<[CreateOptions, unknown, string]>([
    [{ layerDims: [2, 1], outputActivation: "linear" }, "accuracy", "a metric of numbers"],
    [{ layerDims: [2, 1] }, "topK", "yes-or-no"],
    [{ layerDims: [2, 2] }, "confusionMatrix", "yes-or-no"],
  ])("of %j no %s", async (options, metric, message) => {
    using network = (await createNetwork(options)) as Network;
    const y = x.map(() => Array.from({ length: options.layerDims[1] ?? 0 }, () => 0));
    const error = await errorOf(() => network.evaluate(x, y, { metrics: [metric] } as object));
    expect(String(error)).toContain(message);
  });
});

describe("score of predictions from anywhere", () => {
  it("matthews of one class is 0, though sums of weights be rounded", () => {
    for (let m = 2; m < 30; m++) {
      const y = Array.from({ length: m }, () => 1);
      const sampleWeight = y.map((_, i) => 0.1 * ((i * 7) % 5) + 0.1);
      const predictions = y.map((_, i) => [i % 3 === 0 ? 0.2 : 0.9]);
      const asked = { task: "classes", metrics: ["matthews"], sampleWeight } as const;
      expect(score(y, predictions, asked).matthews).toBe(0);
    }
  });

  const taskOf = { binary: "classes", classes: "classes", labels: "labels", numbers: "numbers" } as const;

  it("has scikit-learn's values, weights included", () => {
    for (const { kind, targets, outputs, weights, values } of golden) {
      const options = { task: taskOf[kind], ...(weights !== null && { sampleWeight: weights }) };
      for (const [text, value] of Object.entries(values)) {
        if (value === null || Array.isArray(value) || text.startsWith("calibrationError")) continue;
        const metric = {
          ...Object(typeof metricOf(text) === "string" ? { type: metricOf(text) } : metricOf(text)),
          name: "it",
        };
        const { it: found } = score(targets as number[], outputs, {
          ...options,
          metrics: [metric as never],
        }) as { it: number };
        expect(Math.abs(found - Number(value)), `${kind} ${text}`).toBeLessThanOrEqual(
          1e-12 * Math.max(1, Math.abs(Number(value))),
        );
      }
    }
  });

  it("is what evaluate gives", async () => {
    using network = await createNetwork({ layerDims: [2, 1], dtype: "float64", seed: 1 });
    const [x, y] = [
      Array.from({ length: 50 }, (_, i) => [Math.sin(i), Math.cos(2 * i)]),
      Array.from({ length: 50 }, (_, i) => i % 2),
    ];
    const metrics = ["accuracy", "rocAuc", "logLoss", "confusionMatrix", fScore({ beta: 2 })] as const;
    const { loss: _, ...asked } = network.evaluate(x, y, { metrics });
    expect(score(y, network.predict(x), { task: "classes", metrics })).toEqual(asked);
  });

  it.each<[unknown, unknown, object, string]>([
    [[0, 1], [[0.5], [0.5]], { task: "class" }, 'task: expected "numbers" or "classes" or "labels"'],
    [[0, 1], [], {}, "predictions"],
    [[0, 1], [[0.5]], {}, "y: expected 1×1, as the predictions are, got 2×1"],
    [[0, 2], [[0.5], [0.5]], {}, "y[1]: expected 0 or 1, got 2"],
    [[0, 1], [[0.5], [Number.NaN]], {}, "predictions[1][0]: expected a finite number, got NaN"],
    [[0, 1], [[0.5], [3]], { metrics: ["logLoss"] }, "metrics[0]"],
    [[0, 1], [[0.5], [0.4]], { metrics: ["r2"] }, "metrics[0]"],
    [[0, 1], [[0.5], [0.4]], { metrics: undefined }, "metrics"],
    [[0, 1], [[0.5], [0.4]], { sampleWeight: [1] }, "sampleWeight: expected 2 weights"],
    [[0, 1], [[0.5], [0.4]], { sampleWeight: [1, -1] }, "sampleWeight[1]"],
    [[0, 1], [[0.5], [0.4]], { sampleWeight: [0, 0] }, "sampleWeight: expected a weight above 0"],
    [[0, 1], [[0.5], [0.4]], { weights: [1, 1] }, "options.weights"],
  ])("refuses y %j, predictions %j with %j", async (y, predictions, options, message) => {
    const given = { task: "classes", metrics: ["accuracy"], ...options };
    expect(
      String(await errorOf(() => score(y as number[], predictions as number[][], given as never))),
    ).toContain(message);
  });
});
