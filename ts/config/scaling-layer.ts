import {
  type LinearScalingLayer,
  type QuantileScalingLayer,
  SCALING_METHODS,
  type ScalingLayer,
} from "../catalog/layers.js";
import { POSITIVE } from "../catalog/ranges.js";
import { ConfigError, describe } from "../errors/errors.js";
import { checkLayerName } from "./layer-names.js";
import { checkChoice, checkNumber } from "./validation.js";

/** The most quantiles of a column. */
export const MOST_QUANTILES = 1000;

/** {@link ScalingLayer} without its type. */
export type ScalingOptions =
  | (Omit<LinearScalingLayer, "type" | keyof FurtherOptions> & FurtherOptions)
  | (Omit<QuantileScalingLayer, "type" | keyof FurtherOptions> & FurtherOptions);

interface FurtherOptions {
  readonly softClip?: number | undefined;
  readonly name?: string | undefined;
}

/** The columns that it scales. */
export function scalingWidth(layer: ScalingLayer): number {
  return layer.method === "quantileNormal" ? layer.quantiles.length : layer.center.length;
}

/** Which numbers a method has. */
const NUMBERS = { linear: ["center", "scale"], quantileNormal: ["quantiles"] } as const;

/** The layer of these options, with numbers of its own. Raises ConfigError. */
export function checkScaling(options: Readonly<Record<string, unknown>>): ScalingLayer {
  const method = checkChoice("method", options.method, SCALING_METHODS);
  const own: readonly string[] = method === "quantileNormal" ? NUMBERS.quantileNormal : NUMBERS.linear;
  for (const name of Object.values(NUMBERS).flat()) {
    if (options[name] === undefined || own.includes(name)) continue;
    throw new ConfigError(
      name,
      `none beside "${method}", which has ${own.join(" and ")}`,
      describe(options[name]),
    );
  }
  const { softClip, name } = options;
  const further = {
    ...(softClip !== undefined && { softClip: checkNumber("softClip", softClip, ...POSITIVE) }),
    ...(name !== undefined && { name: checkLayerName("name", name) }),
  };
  if (method === "quantileNormal") {
    return Object.freeze({
      type: "scaling",
      method,
      quantiles: checkQuantiles(options.quantiles),
      ...further,
    });
  }
  const center = checkNumbers("center", options.center);
  const scale = checkNumbers("scale", options.scale, center.length, ...POSITIVE);
  return Object.freeze({ type: "scaling", method, center, scale, ...further });
}

function checkQuantiles(given: unknown): readonly (readonly number[])[] {
  const columns = checkArray("quantiles", given, "an array of quantiles for each column");
  const first: unknown = columns[0];
  const count = Array.isArray(first) ? first.length : undefined;
  return Object.freeze(
    columns.map((column, j) => {
      const path = `quantiles[${j}]`;
      const numbers = checkNumbers(path, column, count);
      if (numbers.length > MOST_QUANTILES) {
        throw new ConfigError(path, `at most ${MOST_QUANTILES} quantiles`, `${numbers.length}`);
      }
      const falling = numbers.findIndex((quantile, i) => quantile < (numbers[i - 1] ?? quantile));
      if (falling < 0) {
        checkNumber(
          `${path}, its range`,
          (numbers[numbers.length - 1] ?? 0) - (numbers[0] ?? 0),
          "a finite number",
          () => true,
        );
        return numbers;
      }
      const expected = `at least ${numbers[falling - 1]}, which is before it`;
      throw new ConfigError(`${path}[${falling}]`, expected, `${numbers[falling]}`);
    }),
  );
}

/** A frozen copy of some numbers, `count` of them where it is given. */
function checkNumbers(
  path: string,
  given: unknown,
  count?: number,
  range = "a finite number",
  holds: (value: number) => boolean = () => true,
): readonly number[] {
  const expected =
    count === undefined ? "an array of numbers" : `an array of ${count} numbers, as many as the others`;
  const numbers = checkArray(path, given, expected);
  if (count !== undefined && numbers.length !== count)
    throw new ConfigError(path, expected, `${numbers.length}`);
  // A -0 becomes 0: JSON has no other.
  return Object.freeze(numbers.map((value, i) => checkNumber(`${path}[${i}]`, value, range, holds) + 0));
}

function checkArray(path: string, given: unknown, expected: string): unknown[] {
  const isNumbers = ArrayBuffer.isView(given) && "length" in given;
  const array: unknown[] = Array.isArray(given) || isNumbers ? Array.from(given as ArrayLike<unknown>) : [];
  if (array.length > 0) return array;
  throw new ConfigError(path, `${expected}, at least one`, Array.isArray(given) ? "none" : describe(given));
}
