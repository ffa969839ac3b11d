import { afterEach, describe, expect, it, test } from "vitest";
import { activationRow, HIDDEN_ACTIVATIONS } from "../ts/catalog/activations.js";
import type { Span } from "../ts/engine/memory.js";
import { createNetwork, type GradientCheck, gradientCheck, gradientDescent } from "../ts/index.js";
import { hashOf } from "./closeness.js";
import { after, restore } from "./mutations/plant.js";
import { passesGradientCheck, type Trial } from "./oracles.js";
import { randomCase } from "./random-cases.js";

const REGULARIZATIONS = [
  { l2: 0, keepProb: 1 },
  { l2: 0.7, keepProb: 1 },
  { l2: 0, keepProb: 0.6 },
  { l2: 3, keepProb: 0.8 },
];

/** 5 depths × 3 batches × all hidden activations × 2 of outputs × 4 regularizations. */
function allTrials(): Trial[] {
  const trials: Trial[] = [];
  for (const depth of [1, 2, 3, 4, 5])
    for (const batch of [1, 7, 64])
      for (const hiddenActivation of HIDDEN_ACTIVATIONS)
        for (const outputActivation of ["sigmoid", "softmax", "linear"] as const)
          for (const regularization of REGULARIZATIONS) {
            const seed = 1000 + trials.length;
            trials.push({ seed, depth, batch, hiddenActivation, outputActivation, ...regularization });
          }
  return trials;
}

describe("a gradient check passes", () => {
  test.each(allTrials())(
    "depth $depth, batch $batch, $hiddenActivation, $outputActivation, λ $l2, keep $keepProb",
    passesGradientCheck,
  );

  test("there are 180 of each hidden activation", () =>
    expect(allTrials()).toHaveLength(180 * HIDDEN_ACTIVATIONS.length));
});

const small: Trial = {
  seed: 11,
  depth: 2,
  batch: 7,
  hiddenActivation: "sigmoid",
  outputActivation: "sigmoid",
  l2: 0.5,
  keepProb: 0.8,
};

async function checkSmall(options = { l2: small.l2, keepProb: small.keepProb }): Promise<GradientCheck> {
  const random = randomCase(small.seed, small, [3]);
  using network = await createNetwork({ layerDims: random.layerDims, hiddenActivation: "sigmoid" });
  return gradientCheck(network, random.x, random.y, options);
}

describe("its result", () => {
  it("holds the norm-wise error of every block and compares every parameter", async () => {
    const { ok, blocks, relativeError, worst } = await checkSmall();
    expect(ok).toBe(true);
    expect(blocks.map((block) => block.name)).toEqual(["W1", "b1", "W2", "b2"]);
    expect(blocks.map((block) => block.compared)).toEqual([9, 3, 9, 3]);
    expect(blocks.every((block) => block.rejected === 0 && block.relativeError <= 1e-7)).toBe(true);
    expect(relativeError).toBe(Math.max(...blocks.map((block) => block.relativeError)));
    expect(blocks.map((block) => block.worst)).toContain(worst);
  });

  it("reports one line a block under a verdict and a header, columns aligned", async () => {
    const lines = (await checkSmall()).report().split("\n");
    expect(lines[0]).toBe("Gradient check passed: every block is within 1e-7 of its central difference.");
    expect(lines[1]).toMatch(
      /^block +relative error +compared +rejected +unresolved +worst entry +step +analytic +numeric/,
    );
    expect(lines).toHaveLength(6);
    const number = String.raw`-?\d\.\d+e[-+]\d+`;
    for (const line of lines.slice(2)) {
      expect(line).toMatch(
        new RegExp(
          String.raw`^([Wb]\d) +${number} +\d+ +0 +0 +\1(\[\d\]){1,2} +${number} +${number} +${number} +ok$`,
        ),
      );
      expect(line.indexOf("ok")).toBe(lines[2]?.indexOf("ok"));
    }
  });

  it("leaves parameters, steps and random streams as they were", async () => {
    const random = randomCase(small.seed, small);
    const train = async (check: boolean) => {
      using network = await createNetwork({ layerDims: random.layerDims, seed: 4 });
      const optimizer = gradientDescent({ learningRate: 0.1 });
      const options = { optimizer, keepProb: 0.5 };
      await network.fit(random.x, random.y, { ...options, epochs: 1, batchSize: 3 });
      const before = hashOf(network.parameters());
      if (check) gradientCheck(network, random.x, random.y, { keepProb: 0.5, l2: 1 });
      expect(hashOf(network.parameters())).toBe(before);
      network.trainStep(random.x, random.y, options);
      await network.fit(random.x, random.y, { ...options, epochs: 1, batchSize: 3 });
      return [network.steps, hashOf(network.parameters())];
    };
    expect(await train(true)).toEqual(await train(false));
  });
});

describe("where nothing can be compared", () => {
  it("lets 0/0 pass: a closed relu has neither gradient", async () => {
    using network = await createNetwork({ layerDims: [2, 1, 1], dtype: "float64" });
    network.setParameters([
      { weights: [[1, 1]], biases: [-9] },
      { weights: [[1]], biases: [0.25] },
    ]);
    const check = gradientCheck(network, [[1, 2]], [1]);
    expect(check.ok, check.report()).toBe(true);
    const [w1, b1, w2, b2] = check.blocks;
    for (const block of [w1, b1, w2]) {
      expect(block).toMatchObject({ relativeError: 0, rejected: 0, worst: { analytic: 0, numeric: 0 } });
    }
    expect(b2?.worst?.analytic).not.toBe(0);
  });

  /** By the z at which each activation has them. */
  const KINKS = [
    ["relu", 0],
    ["leakyRelu", 0],
    ["selu", 0],
    ["hardSwish", -3],
    ["hardSwish", 3],
    ["hardSigmoid", -3],
    ["hardSigmoid", 3],
  ] as const;

  it("all kinks are known", () => {
    const rows = HIDDEN_ACTIVATIONS.flatMap((name) => activationRow(name).kinks.map(() => name));
    expect(rows).toEqual(KINKS.map(([name]) => name));
  });

  it.each(
    KINKS.flatMap((kink) =>
      [1e-7, -1e-7].flatMap((off) => [1, 0.7].map((keep) => [...kink, off, keep] as const)),
    ),
  )(
    "counts what it rejects: a probe across %s's kink at %d, from %d beside it, keepProb %d",
    async (...given) => {
      const [hiddenActivation, kink, off, keepProb] = given;
      using network = await createNetwork({ layerDims: [2, 1, 1], hiddenActivation, dtype: "float64" });
      network.setParameters([
        { weights: [[1, 1]], biases: [kink - 3 + off] },
        { weights: [[1]], biases: [0.25] },
      ]);
      const check = gradientCheck(network, [[1, 2]], [1], { keepProb });
      expect(check.blocks.map((block) => block.rejected)).toEqual([2, 1, 0, 0]);
      expect(check.blocks.map((block) => block.compared)).toEqual([0, 0, 1, 1]);
      expect(check.blocks[0]).toMatchObject({ relativeError: 0, worst: undefined, ok: true });
      expect(check.ok).toBe(true);
      expect(check.report()).toMatch(/^W1 +0\.00e\+0 +0 +2 +0 +nothing to compare$/m);
    },
  );
});

describe("a wrong gradient", () => {
  afterEach(restore);

  /** Changes dW after each layer's backward pass. */
  function tamper(change: (dw: Span) => void): void {
    after("weightGradient", ({ dw }) => change(dw));
  }

  it("is named by block and entry, with both numbers", async () => {
    tamper((dw) => dw.set(4, dw.get(4) + 0.01));
    const check = await checkSmall({ l2: 0, keepProb: 1 });
    expect(check.ok).toBe(false);
    expect(check.relativeError).toBeGreaterThan(1e-3);
    expect(check.worst?.name).toMatch(/^W[12]\[1\]\[1\]$/);
    expect((check.worst?.analytic ?? 0) - (check.worst?.numeric ?? 0)).toBeCloseTo(0.01, 6);
    const report = check.report();
    expect(report).toMatch(/^Gradient check FAILED in W1,W2 \(threshold 1e-7\)\.\n/);
    expect(report).toMatch(/^W1 .* W1\[1\]\[1\] .* WRONG$/m);
    expect(report).toMatch(/^b1 .* ok$/m);
  });

  it("is seen in a single small entry that the block's norm hides", async () => {
    using network = await createNetwork({ layerDims: [2, 1], dtype: "float64" });
    const x = [[1, 1e-5]];
    expect(gradientCheck(network, x, [1]).ok).toBe(true);
    tamper((dw) => dw.set(1, dw.get(1) * (1 + 1e-3)));
    const check = gradientCheck(network, x, [1]);
    expect(check.relativeError).toBeLessThan(1e-7);
    expect(check.ok).toBe(false);
    expect(check.report()).toContain("FAILED in W1");
  });

  it("that is not finite never passes", async () => {
    tamper((dw) => dw.set(0, Number.NaN));
    const check = await checkSmall();
    expect(check.ok).toBe(false);
  });
});
