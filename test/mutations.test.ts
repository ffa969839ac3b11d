import { afterEach, describe, expect, it } from "vitest";
import { LayerwiseError } from "../ts/index.js";
import { type CheckName, checks } from "./mutations/checks.js";
import { gradientMutations } from "./mutations/gradients.js";
import { restore } from "./mutations/plant.js";
import { trainingMutations } from "./mutations/training.js";

const mutations = [...gradientMutations, ...trainingMutations];
const names = Object.keys(checks) as CheckName[];

afterEach(restore);

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
      mutation.plant();
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
