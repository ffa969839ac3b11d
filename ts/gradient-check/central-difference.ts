import type { GradientProbe, ParameterBlock } from "./gradient-probe.js";

/** dJ/dθ as numbers tell it. */
export interface Derivative {
  readonly value: number;
  /** How far off it may be itself: by rounding, and by the step not being 0. */
  readonly uncertainty: number;
  /** How far θ was moved, either way. */
  readonly step: number;
}

/** Steps that are tried: LADDER^ABOVE to LADDER^−BELOW times the usual one. */
const LADDER = 4;
const ABOVE = 4;
const BELOW = 9;

/** A loss is rounded a few times on its way: its difference is known to this many units of 2⁻⁵². */
const ROUNDINGS = 16;

/** How many parameters are moved to see how coarsely the loss is rounded. */
const NOISE_SAMPLES = 32;

/**
 * The step for one parameter: what moves a unit's input by `epsilon`, but no further than the parameter's own size
 * (or 1): where all its inputs are small, so is its part in the loss, and only with such a step can it be seen.
 */
export function stepOf(probe: GradientProbe, block: ParameterBlock, entry: number, epsilon: number): number {
  const input = block.input(entry);
  const size = Math.max(1, Math.abs(probe.value(block.at(entry))));
  return input === 0 ? epsilon : Math.min(epsilon / input, size);
}

/** (J(θ+h) − J(θ−h)) / 2h for one parameter, or undefined where a unit's input crosses a kink on the way. */
export function centralDifference(probe: GradientProbe, parameter: number, step: number): number | undefined {
  const value = probe.value(parameter);
  const [above, below] = [value + step, value - step];
  if (!(above > below)) return undefined;
  const lossAbove = probe.lossAt(parameter, above);
  const lossBelow = lossAbove === undefined ? undefined : probe.lossAt(parameter, below);
  if (lossAbove === undefined || lossBelow === undefined) return undefined;
  return (lossAbove - lossBelow) / (above - below);
}

/**
 * The derivative by several steps: central differences, extrapolated pair by pair to the step 0 (Richardson). Of these
 * the one that is surest: its uncertainty is how far the next larger pair's is from it (which is 256 times further
 * from the truth, where a step is small enough) and what rounding of the loss by `noise` makes of a quotient.
 * One that a smaller step contradicts is passed over. `usual` where no three steps in a row can be taken.
 */
export function surestDerivative(
  probe: GradientProbe,
  parameter: number,
  usual: { readonly step: number; readonly value: number },
  noise: number,
): Derivative {
  const steps = Array.from({ length: ABOVE + 1 + BELOW }, (_, i) => usual.step * LADDER ** (ABOVE - i));
  const differences = steps.map((step) => centralDifference(probe, parameter, step));
  const extrapolated = steps.map((step, i): Derivative | undefined => {
    const [coarsest, coarse, fine] = [differences[i - 2], differences[i - 1], differences[i]];
    if (coarsest === undefined || coarse === undefined || fine === undefined) return undefined;
    const value = richardson(coarse, fine);
    const uncertainty = Math.abs(value - richardson(coarsest, coarse)) + (2 * noise) / step;
    return Number.isFinite(value) ? { value, uncertainty, step } : undefined;
  });
  const contradicted = (it: Derivative, i: number) =>
    extrapolated.some(
      (finer, j) =>
        j > i && finer !== undefined && Math.abs(finer.value - it.value) > it.uncertainty + finer.uncertainty,
    );
  return extrapolated.reduce<Derivative>(
    (best, it, i) =>
      it !== undefined && it.uncertainty < best.uncertainty && !contradicted(it, i) ? it : best,
    { ...usual, uncertainty: Number.POSITIVE_INFINITY },
  );
}

/** Without the error that falls with the square of the step. */
function richardson(coarse: number, fine: number): number {
  return fine + (fine - coarse) / (LADDER ** 2 - 1);
}

/**
 * How coarsely the loss is rounded: fourth differences of it over steps so small that nothing else is in them, the
 * largest over parameters of all blocks, and at least some units of 2⁻⁵² of the loss or of 1, whichever is larger.
 */
export function lossNoise(probe: GradientProbe, epsilon: number): number {
  let noise = ROUNDINGS * 2 ** -52 * Math.max(1, Math.abs(probe.loss));
  const each = Math.ceil(NOISE_SAMPLES / probe.blocks.length);
  for (const block of probe.blocks) {
    const stride = Math.max(1, Math.floor(block.length / each));
    for (let entry = 0; entry < block.length; entry += stride) {
      const step = stepOf(probe, block, entry, epsilon);
      noise = Math.max(noise, Math.abs(fourthDifference(probe, block.at(entry), step) ?? 0));
    }
  }
  return noise;
}

function fourthDifference(probe: GradientProbe, parameter: number, usual: number): number | undefined {
  const value = probe.value(parameter);
  // A power of two that the parameter is a multiple of, so that the five points are equally far apart.
  const exponent = Math.floor(Math.log2(usual)) - 6;
  const least = value === 0 ? exponent : Math.floor(Math.log2(Math.abs(value))) - 51;
  const step = 2 ** Math.max(exponent, least);
  const grid = Math.round(value / step);
  const losses = [-2, -1, 0, 1, 2].map((k) => probe.lossAt(parameter, (grid + k) * step));
  const [a, b, c, d, e] = losses;
  if (a === undefined || b === undefined || c === undefined || d === undefined || e === undefined) {
    return undefined;
  }
  return a - 4 * b + 6 * c - 4 * d + e;
}
