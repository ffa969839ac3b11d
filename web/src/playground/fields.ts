import { wholeNumber } from "../numbers.js";

/** One setting: how it is read from a control or a link, and written there. */
export interface Field<Value> {
  /** What the form calls it. */
  readonly label: string;
  readonly initial: Value;
  readonly expected: string;
  /** Undefined for a text that isn't such a value. */
  readonly read: (text: string) => Value | undefined;
  readonly write: (value: Value) => string;
  /** All values, where they can be listed. */
  readonly values?: readonly Value[];
}

export function choice<Value extends string>(
  label: string,
  values: readonly Value[],
  initial: Value,
): Field<Value> {
  return {
    label,
    initial,
    expected: `one of ${values.join(", ")}`,
    values,
    read: (text) => values.find((value) => value === text),
    write: (value) => value,
  };
}

export function decimal(
  label: string,
  initial: number,
  expected: string,
  allows: (value: number) => boolean,
): Field<number> {
  return {
    label,
    initial,
    expected,
    read: (text) => (text.trim() !== "" && allows(Number(text)) ? Number(text) : undefined),
    write: String,
  };
}

export function integer(label: string, initial: number, min: number, max: number): Field<number> {
  return decimal(
    label,
    initial,
    `a whole number from ${wholeNumber(min)} to ${wholeNumber(max)}`,
    (value) => Number.isInteger(value) && value >= min && value <= max,
  );
}

export const MAX_HIDDEN_LAYERS = 6;
export const MAX_WIDTH = 128;

export const layers: Field<readonly number[]> = {
  label: "Hidden layers",
  initial: [16, 16],
  expected: `at most ${MAX_HIDDEN_LAYERS} whole numbers from 1 to ${MAX_WIDTH}`,
  read: (text) => {
    const widths =
      text === "" ? [] : text.split(",").map((width) => (width === "" ? Number.NaN : Number(width)));
    const fit = widths.every((width) => Number.isInteger(width) && width >= 1 && width <= MAX_WIDTH);
    return fit && widths.length <= MAX_HIDDEN_LAYERS ? widths : undefined;
  },
  write: (widths) => widths.join(","),
};
