// One rule of the gradient check that neither fails a right network nor passes a wrong gradient, whatever the scale.
import { afterEach, describe, expect, it } from "vitest";
import { ConfigError, createNetwork, type GradientCheck, gradientCheck, type Network } from "../ts/index.js";
import { made } from "./made.js";
import { gradientMutations } from "./mutations/gradients.js";
import { restore } from "./mutations/plant.js";
import { Random, randomCase } from "./random-cases.js";

interface Case {
  readonly options: Parameters<typeof createNetwork>[0];
  readonly parameters: Parameters<Network["setParameters"]>[0] | undefined;
  readonly x: number[][];
  readonly y: number[][];
  readonly check: { readonly l2: number; readonly keepProb: number };
}

const SCALES = [1, 1, 1, 1e-3, 0.1, 30, 100, 1e3];

/** A network of 1 to 6 layers, and examples, of any scale; one time in three the columns differ in it. */
function scaledCase(seed: number, weightScales: readonly number[], depths = 6): Case {
  const random = new Random(7919 * seed);
  const pick = <Item>(items: readonly Item[]) => items[random.below(items.length)] as Item;
  const shape = {
    depth: 1 + random.below(depths),
    batch: pick([1, 4, 7, 20]),
    hiddenActivation: pick(["relu", "sigmoid"] as const),
    outputActivation: pick(["sigmoid", "softmax", "linear"] as const),
  };
  const { layerDims, parameters, x, y } = randomCase(seed, shape);
  const [scale, weightScale, isUneven] = [pick(SCALES), pick(weightScales), random.below(3) === 0];
  return {
    options: {
      layerDims,
      hiddenActivation: shape.hiddenActivation,
      outputActivation: shape.outputActivation,
      initialization: pick(["he", "xavier", "randomNormal"] as const),
      dtype: pick(["float32", "float64"] as const),
      seed,
      threads: 1,
    },
    parameters:
      random.below(2) === 0
        ? undefined // as they were initialised, biases of 0 and all
        : parameters.map(({ weights, biases }) => ({
            weights: weights.map((row) => row.map((w) => w * weightScale)),
            biases: biases.map((b) => b * weightScale),
          })),
    x: x.map((row) => row.map((value, j) => value * scale * (isUneven ? 10 ** ((j % 5) - 2) : 1))),
    y,
    check: { l2: pick([0, 0, 0.5, 3]), keepProb: pick([1, 1, 0.7]) },
  };
}

async function create({ options, parameters }: Case, dtype = options.dtype ?? "float32"): Promise<Network> {
  const network = made(await createNetwork({ ...options, dtype }));
  if (parameters !== undefined) network.setParameters(parameters);
  return network;
}

/** The sentence on top says no more than the rows below it. */
function expectAgreement(check: GradientCheck): void {
  const [sentence = "", , ...rows] = check.report().split("\n");
  const beyond = check.blocks.filter((block) => !(block.relativeError <= 1e-7));
  expect(sentence.includes("every block is within")).toBe(check.ok && beyond.length === 0);
  expect(sentence.includes("FAILED")).toBe(!check.ok);
  if (check.ok) for (const block of beyond) expect(sentence).toContain(block.name);
  check.blocks.forEach(({ verdict }, i) => {
    expect(rows[i]?.endsWith(verdict === "wrong" ? "WRONG" : verdict)).toBe(true);
  });
}

describe("a right network never fails", () => {
  it("of several hundred, with inputs and weights from 1e-3 to 1e3", async () => {
    let plain = 0;
    for (let seed = 1; seed <= 500; seed++) {
      const trial = scaledCase(seed, [1, 1, 1, 10, 0.1, 1e3, 1e-3]);
      const network = await create(trial);
      const check = gradientCheck(network, trial.x, trial.y, trial.check);
      expect(check.ok, `seed ${seed}: ${check.report()}`).toBe(true);
      expectAgreement(check);
      if (check.blocks.every(({ verdict }) => verdict === "ok" || verdict === "nothing to compare")) plain++;
      network.dispose();
    }
    expect(plain).toBeGreaterThan(250); // Rounding leaves nothing to be seen where outputs are saturated.
  });

  const x = [
    [120, -250, 300],
    [90, 10, -80],
    [-150, 60, 40],
    [30, -20, 75],
  ];
  it.each(Array.from({ length: 40 }, (_, seed) => seed))(
    "inputs of some 100, sigmoid, seed %i",
    async (seed) => {
      const options = { layerDims: [3, 4, 1], hiddenActivation: "sigmoid", seed } as const;
      const check = gradientCheck(made(await createNetwork(options)), x, [1, 0, 1, 0]);
      expect(check.ok, check.report()).toBe(true);
      expectAgreement(check);
      // A weight's step moves its unit's input by 1e-5, whatever multiplies it; biases' are 1e-5.
      const worst = check.blocks.map((block) => block.worst);
      if (seed !== 19) return;
      [1e-5 / 250, 1e-5, 1e-5, 1e-5].forEach((step, i) => {
        expect(worst[i]?.step).toBeCloseTo(step, 12);
      });
    },
  );
});

describe("a wrong gradient never passes, at any scale:", () => {
  afterEach(restore);

  // The others are bugs of the loss or of masks, which no gradient check can see, or that change nothing here.
  const mutations = gradientMutations.filter(({ caughtBy }) => caughtBy.includes("gradients"));
  it.each(mutations)("$name", async (mutation) => {
    for (let seed = 1; seed <= 60; seed++) {
      const trial = scaledCase(seed, [1], 4);
      const { x, y } = trial;
      const check = { l2: trial.check.l2, keepProb: 1 };
      const network = await create(trial, "float64");
      const right = network.gradients(x, y, check).gradients;
      mutation.plant();
      const wrong = await create(trial, "float64");
      try {
        if (isApart(right, wrong.gradients(x, y, check).gradients)) {
          const found = gradientCheck(wrong, x, y, check);
          expect(found.ok, `seed ${seed}: ${found.report()}`).toBe(false);
          expectAgreement(found);
        }
      } finally {
        restore();
      }
    }
  });
});

type Gradients = ReturnType<Network["gradients"]>["gradients"];

/** Whether some dW or db is off by 1e-5 of its size, and by more than a millionth in all. */
function isApart(right: Gradients, wrong: Gradients): boolean {
  const flat = (gradients: Gradients) =>
    gradients.flatMap(({ weights, biases }) => [[...weights.data], [...biases]]);
  const others = flat(wrong);
  return flat(right).some((block, i) => {
    const distance = Math.hypot(...block.map((g, j) => g - (others[i]?.[j] ?? 0)));
    return distance > 1e-6 && distance > 1e-5 * (Math.hypot(...block) + Math.hypot(...(others[i] ?? [])));
  });
}

describe("what is no network is refused by name:", () => {
  it.each([
    ["null", () => null],
    ["undefined", () => undefined],
    ["an object", () => ({})],
    ["of Network's prototype", (network: Network) => Object.create(Object.getPrototypeOf(network))],
    ["behind a proxy", (network: Network) => new Proxy(network, {})],
  ])("%s", async (_, forge) => {
    const network = made(await createNetwork({ layerDims: [1, 1] }));
    const call = () => gradientCheck(forge(network), [[1]], [1]);
    expect(call).toThrow(ConfigError);
    expect(call).toThrow("network: expected a network, such as createNetwork makes, got ");
  });
});
