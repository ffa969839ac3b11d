import { SCALING_METHODS, type ScalingLayer, type ScalingMethod } from "../catalog/layers.js";
import { POSITIVE } from "../catalog/ranges.js";
import { checkScaling, MOST_QUANTILES } from "../config/scaling-layer.js";
import { checkBoolean, checkChoice, checkNumber, readOptions } from "../config/validation.js";
import { DataError, ShapeError } from "../errors/errors.js";
import { atOnce } from "../platform/breath.js";
import { warn } from "../platform/warning.js";
import { medianOf, moments, quantileOf } from "./column-statistics.js";
import { type Inputs, type ReadInputs, readInputs } from "./inputs.js";
import { elementError } from "./matrix.js";
import { countWhere } from "./numbers.js";

export interface FitScalingOptions {
  /** c > 0: what comes of the scaling is brought into ±c, to c·tanh(y/c), which leaves small numbers nearly as they are. Default: none. */
  readonly softClip?: number;
  /** Whether a column without spread is warned of. Default true. */
  readonly warnings?: boolean;
}

/**
 * A first layer that brings each column of x to a like scale, by numbers that are taken from x and aren't trained; they
 * are in the network's configuration and in its files.
 *
 * - `"standard"`: (x − mean)/σ, σ being the root of the mean square distance from the mean.
 * - `"minMax"`: (x − smallest)/(largest − smallest), which lies in [0, 1].
 * - `"robust"`: (x − median)/(the upper quartile − the lower one).
 * - `"quantileNormal"`: Φ⁻¹(p), p being x's place in 0 … 1 among min(m, 1000) quantiles of its column, linear between
 *   two of them, and Φ⁻¹ the quantile function of the normal distribution, at most ±5.2.
 *
 * They are scikit-learn's StandardScaler, MinMaxScaler, RobustScaler and QuantileTransformer (of all rows). Give it the
 * training examples alone. A column without spread has the scale 1, which a warning says. Computed at once, whatever the
 * number of rows. Raises ConfigError; ShapeError or DataError for x.
 * @param x - m × n: as fit takes it
 */
export function fitScaling(method: ScalingMethod, x: Inputs, options: FitScalingOptions = {}): ScalingLayer {
  const chosen = checkChoice("method", method, SCALING_METHODS);
  const { softClip, warnings = true } = readOptions("fitScaling", "options", options);
  checkBoolean("warnings", warnings);
  if (softClip !== undefined) checkNumber("softClip", softClip, ...POSITIVE);
  const fitted = columnsOf(x, chosen === "quantileNormal" ? fitQuantiles : FITS[chosen]);
  const flat = fitted.flatMap(({ isFlat }, j) => (isFlat ? [j] : []));
  if (warnings && flat.length > 0) warnOfFlat(chosen, flat);
  const numbers =
    chosen === "quantileNormal"
      ? { quantiles: fitted.map(({ quantiles }) => quantiles) }
      : { center: fitted.map(({ center }) => center), scale: fitted.map(({ scale }) => scale) };
  return checkScaling({ method: chosen, ...numbers, softClip });
}

/** What a method finds of a column. */
interface Fitted {
  readonly center: number;
  readonly scale: number;
  readonly quantiles: readonly number[];
  /** Without spread. */
  readonly isFlat: boolean;
}

type Fit = (column: Float64Array) => Fitted;

const FITS: Readonly<Record<Exclude<ScalingMethod, "quantileNormal">, Fit>> = {
  standard(column) {
    const { mean, deviation } = moments(column);
    // One that rounding alone may have made is none: Chan, Golub & LeVeque 1983.
    const rounding = column.length * Math.abs(mean) * Number.EPSILON;
    return centered(mean, deviation > rounding ? deviation : 0);
  },
  minMax(column) {
    column.sort();
    const smallest = column[0] ?? 0;
    return centered(smallest, (column[column.length - 1] ?? 0) - smallest);
  },
  robust(column) {
    column.sort();
    return centered(medianOf(column), quantileOf(column, 0.75) - quantileOf(column, 0.25));
  },
};

function centered(center: number, spread: number): Fitted {
  return { center, scale: spread > 0 ? spread : 1, quantiles: [], isFlat: !(spread > 0) };
}

/** Nearer to an end of its quantiles than half of this a number counts as at the end. */
const NO_RANGE = 2e-7;

function fitQuantiles(column: Float64Array): Fitted {
  column.sort();
  const count = Math.min(MOST_QUANTILES, column.length);
  const step = 1 / (count - 1);
  const quantiles: number[] = [];
  for (let i = 0; i < count; i++) {
    const probability = i === count - 1 && i > 0 ? 1 : i === 0 ? 0 : i * step;
    // By way of percent, as NumPy rounds it: it decides on which side of equal numbers a quantile falls.
    const quantile = quantileOf(column, (probability * 100) / 100);
    quantiles.push(Math.max(quantile, quantiles[i - 1] ?? quantile));
  }
  const range = (quantiles[count - 1] ?? 0) - (quantiles[0] ?? 0);
  return { center: 0, scale: 1, quantiles, isFlat: range <= NO_RANGE };
}

/** `fitColumn` of each column, which gets it in float64 to do with as it likes. Raises ShapeError or DataError. */
function columnsOf(x: unknown, fitColumn: Fit): Fitted[] {
  const inputs = atOnce(readInputs("x", x));
  const { data, rows, cols, scale } = inputs;
  if (rows === 0) throw new ShapeError("x", "at least one example (row)", "0 rows");
  if (cols === 0) throw new ShapeError("x", "at least one column", "none");
  checkNumbers(x, inputs);
  const column = new Float64Array(rows);
  return Array.from({ length: cols }, (_, j) => {
    let [smallest, largest] = [Infinity, -Infinity];
    for (let i = 0; i < rows; i++) {
      const value = (data[i * cols + j] ?? 0) * scale;
      column[i] = value;
      smallest = Math.min(smallest, value);
      largest = Math.max(largest, value);
    }
    if (Number.isFinite(largest - smallest)) return fitColumn(column);
    throw new DataError(`x, column ${j}`, "numbers whose range is finite", `${smallest} to ${largest}`);
  });
}

function checkNumbers(given: unknown, { data, cols }: ReadInputs): void {
  const isBad = (i: number) => !Number.isFinite(data[i]);
  let first = -1;
  for (let i = 0; i < data.length && first < 0; i++) if (isBad(i)) first = i;
  if (first < 0) return;
  const count = ` (${countWhere(data.length, isBad)} such in all)`;
  throw elementError("x", given, first, cols, "finite numbers", `${data[first]}`, count);
}

/** Columns that are named. */
const NAMED = 5;

function warnOfFlat(method: ScalingMethod, flat: readonly number[]): void {
  const more = flat.length > NAMED ? ` and ${flat.length - NAMED} more` : "";
  const columns = `${flat.length > 1 ? "columns" : "column"} ${flat.slice(0, NAMED).join(", ")}${more}`;
  const have = flat.length > 1 ? "have" : "has";
  const found =
    method === "robust"
      ? `${have} quartiles that are equal, and so the scale 1`
      : method === "quantileNormal"
        ? `${have} no range beyond ${NO_RANGE}, and all of the numbers there become -5.2`
        : `${have} one value alone, and so the scale 1`;
  warn(
    `fitScaling("${method}"): x's ${columns} ${found}. Leave out what tells examples nothing. warnings: false silences this.`,
  );
}
