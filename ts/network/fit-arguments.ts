import { type Dataset, isRead, type Stream } from "../data/dataset.js";
import type { Inputs, Labels } from "../data/examples.js";
import { ConfigError, describe } from "../errors/errors.js";
import type { FitOptions } from "./fit-options.js";

/** x, y and options; or data that hold their labels, and options. */
export type FitArguments =
  | readonly [x: Inputs, y: Labels, options: FitOptions]
  | readonly [data: Dataset | Stream, options: FitOptions];

/** The same by their names; data that are read are x. */
export function readFitArguments(args: FitArguments) {
  const { x, y, options } = readArguments<FitOptions>("fit", args);
  return { x, y, options: options as FitOptions }; // What isn't there is for the options' own check.
}

/** Raises ConfigError for labels beside data that hold them. */
export function readArguments<Options>(
  call: string,
  args: readonly unknown[],
): {
  readonly x: unknown;
  readonly y: unknown;
  readonly options: Options | undefined;
} {
  const [x, y, options] = args;
  if (!isRead(x)) return { x, y, options: options as Options | undefined };
  if (options === undefined) return { x, y: undefined, options: y as Options | undefined };
  throw new ConfigError("y", `none beside a data set that is read: ${call}(data, options)`, describe(y));
}
