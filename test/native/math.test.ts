// Math "fast" on the native engine, at every level of the processor.
import { describe, expect, it } from "vitest";
import { ConfigError, createNetwork, type MathName, resumeTraining } from "../../ts/index.js";
import { checkFastMath } from "../fast-math.js";
import { storeOf } from "../files/small-files.js";
import { allowRelaxedSimd } from "../relaxed-simd.js";
import { IS_BUILT } from "./is-built.js";

await allowRelaxedSimd();

describe("the option math", () => {
  it("is one of two words", async () => {
    const math = "relaxed" as MathName;
    await expect(createNetwork({ layerDims: [2, 1], math })).rejects.toThrow(
      'math: expected "exact" or "fast", got "relaxed"',
    );
    await expect(resumeTraining("-", [[1, 2]], [1], { math, store: storeOf(undefined) })).rejects.toThrow(
      ConfigError,
    );
  });
});

describe.runIf(IS_BUILT)("fast math", () => {
  checkFastMath("native", ["float32", "float64"], ["native", "wasm"]);
});
