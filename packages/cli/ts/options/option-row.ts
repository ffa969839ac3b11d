import { ConfigError } from "layerwise";

/** What an option's value is, on the command line and in layerwise.json alike. */
export type ValueKind =
  | { readonly kind: "text"; readonly choices?: readonly string[] }
  | { readonly kind: "texts" }
  | { readonly kind: "integer"; readonly least: number; readonly most?: number }
  | { readonly kind: "number"; readonly above?: number; readonly least?: number; readonly below?: number }
  | { readonly kind: "integers"; readonly least: number }
  /** `isOn`: by default, and its flag begins with --no-. */
  | { readonly kind: "switch"; readonly isOn?: true }
  /** name=value, as often as wanted; in JSON an object. */
  | { readonly kind: "map"; readonly choices?: readonly string[] };

/** One option: its flag, its key in layerwise.json, its check and its help follow from this row. */
export interface OptionRow {
  /** As in layerwise.json; on the command line in kebab-case. */
  readonly key: string;
  readonly value: ValueKind;
  readonly help: string;
  /** In words, for the help alone: the library has the value. */
  readonly default?: string;
  /** A letter, for those that are used daily. */
  readonly letter?: string;
}

export function flagOf(key: string): string {
  return `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** Whether it is a switch that is on unless it is turned off. */
export function isOnByDefault({ value }: OptionRow): boolean {
  return value.kind === "switch" && value.isOn === true;
}

/** The flag that turns such a switch off. */
export function offFlagOf(key: string): string {
  return flagOf(key).replace("--", "--no-");
}

/** A text of the command line as the option's value. Raises ConfigError. */
export function parseText(row: OptionRow, texts: readonly string[]): unknown {
  const { value } = row;
  const last = texts.at(-1) ?? "";
  const path = flagOf(row.key);
  if (value.kind === "text") return checkValue(row, last, path);
  if (value.kind === "texts")
    return checkValue(
      row,
      texts.flatMap((text) => text.split(",")),
      path,
    );
  if (value.kind === "integers") return checkValue(row, last.split(",").map(toNumber), path);
  if (value.kind === "map")
    return checkValue(row, Object.fromEntries(texts.map((text) => pairOf(text, path))), path);
  return checkValue(row, toNumber(last), path);
}

/** NaN for what is no number: never 0 for "". */
function toNumber(text: string): number {
  return text.trim() === "" ? Number.NaN : Number(text);
}

function pairOf(text: string, path: string): readonly [string, string] {
  const at = text.lastIndexOf("=");
  if (at < 1) throw new ConfigError(path, "name=value", JSON.stringify(text));
  return [text.slice(0, at), text.slice(at + 1)];
}

/** The value, where it is one that the option takes. Raises ConfigError. */
export function checkValue({ value }: OptionRow, given: unknown, path: string): unknown {
  const refuse = (expected: string) => new ConfigError(path, expected, shown(given));
  switch (value.kind) {
    case "switch":
      if (typeof given !== "boolean") throw refuse("true or false");
      return given;
    case "text":
      if (typeof given !== "string" || given === "") throw refuse("a text");
      if (value.choices !== undefined && !value.choices.includes(given)) throw refuse(listed(value.choices));
      return given;
    case "texts": {
      const texts = typeof given === "string" ? [given] : given;
      if (!Array.isArray(texts) || !texts.every((text) => typeof text === "string"))
        throw refuse("a list of texts");
      return texts;
    }
    case "integers":
      if (!Array.isArray(given) || given.length === 0) throw refuse("a list of integers such as 256,128");
      if (!given.every((one) => Number.isSafeInteger(one) && one >= value.least))
        throw refuse(`integers >= ${value.least}`);
      return given;
    case "map":
      return checkMap(value.choices, given, refuse);
    case "integer": {
      const { least, most = Number.MAX_SAFE_INTEGER } = value;
      const isGood = typeof given === "number" && Number.isInteger(given) && given >= least && given <= most;
      if (!isGood) throw refuse(`an integer in [${least}, ${most}]`);
      return given;
    }
    case "number": {
      const {
        above = Number.NEGATIVE_INFINITY,
        least = Number.NEGATIVE_INFINITY,
        below = Number.POSITIVE_INFINITY,
      } = value;
      const isGood = typeof given === "number" && given > above && given >= least && given < below;
      if (!isGood) throw refuse(rangeText(value));
      return given;
    }
  }
}

function checkMap(
  choices: readonly string[] | undefined,
  given: unknown,
  refuse: (expected: string) => ConfigError,
): Readonly<Record<string, string>> {
  if (typeof given !== "object" || given === null || Array.isArray(given))
    throw refuse("an object with columns as keys");
  const map = given as Readonly<Record<string, unknown>>;
  for (const one of Object.values(map)) {
    if (typeof one !== "string") throw refuse("texts as values");
    if (choices !== undefined && !choices.includes(one)) throw refuse(listed(choices));
  }
  return map as Readonly<Record<string, string>>;
}

function rangeText({ above, least, below }: Extract<ValueKind, { kind: "number" }>): string {
  const parts = [
    ...(above === undefined ? [] : [`above ${above}`]),
    ...(least === undefined ? [] : [`of at least ${least}`]),
    ...(below === undefined ? [] : [`below ${below}`]),
  ];
  return `a number ${parts.join(" and ")}`.trim();
}

function listed(choices: readonly string[]): string {
  return choices.map((choice) => JSON.stringify(choice)).join(" or ");
}

function shown(given: unknown): string {
  const text = typeof given === "number" ? `${given}` : (JSON.stringify(given) ?? typeof given);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
