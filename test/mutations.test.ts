import { afterEach, describe, expect, it, vi } from "vitest";
import * as batchSources from "../ts/batch-source.js";
import { LayerwiseError } from "../ts/index.js";
import { sharedInstance } from "../ts/wasm/kernels.js";
import { type CheckName, checks } from "./mutations/checks.js";
import { gradientMutations } from "./mutations/gradients.js";
import { Memory, type Mutation } from "./mutations/plant.js";
import { trainingMutations } from "./mutations/training.js";

// Spies that call through: a mutation may replace what they call.
vi.mock("../ts/batch-source.js", { spy: true });

const mutations = [...gradientMutations, ...trainingMutations];
const names = Object.keys(checks) as CheckName[];

/** Plants a bug until the test's end. */
async function plant(mutation: Mutation): Promise<void> {
  const instance = await sharedInstance();
  const { float64, shuffle } = instance;
  const kernels = { ...float64 };
  restore = () => {
    Object.assign(float64, kernels);
    Object.assign(instance, { shuffle });
    vi.mocked(batchSources.openBatchSource).mockReset();
  };
  mutation.plant(float64, new Memory(instance), instance);
}

let restore: (() => void) | undefined;
afterEach(() => {
  restore?.();
  restore = undefined;
});

/** An assertion that failed, or an error that Layerwise raised: not a test that broke. */
function isCatch(error: unknown): boolean {
  return error instanceof LayerwiseError || (error instanceof Error && error.name === "AssertionError");
}

describe("without a planted bug", () => {
  it.each(names)("the check '%s' passes", (name) => checks[name]());
});

describe("a planted bug is caught:", () => {
  for (const mutation of mutations) {
    it(`${mutation.name} (by ${mutation.caughtBy.join(", ")})`, async () => {
      await plant(mutation);
      for (const name of mutation.caughtBy) {
        const outcome = await checks[name]().then(
          () => `${name} missed it`,
          (error: unknown) => (isCatch(error) ? "caught" : error),
        );
        expect(outcome).toBe("caught");
      }
    });
  }

  it("and every check has a bug to catch", () => {
    const used = new Set(mutations.flatMap(({ caughtBy }) => caughtBy));
    expect(names.filter((name) => !used.has(name))).toEqual([]);
    expect(mutations.length).toBeGreaterThanOrEqual(12);
  });

  it("and is gone afterwards", async () => {
    for (const name of names) await checks[name]();
  });
});
