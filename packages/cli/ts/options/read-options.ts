import { type Command, Option } from "commander";
import { ConfigError } from "layerwise";
import { readJson } from "../reading/read-json.js";
import { nearest } from "./nearest.js";
import { checkValue, flagOf, isOnByDefault, type OptionRow, offFlagOf, parseText } from "./option-row.js";

/** Values by their keys, each checked. */
export type Values = Readonly<Record<string, unknown>>;

/** Adds the rows' flags to a command. */
export function addOptions(command: Command, rows: readonly OptionRow[]): Command {
  for (const row of rows) {
    const name = isOnByDefault(row) ? offFlagOf(row.key) : flagOf(row.key);
    const flag = `${row.letter === undefined ? "" : `-${row.letter}, `}${name}`;
    const help = row.default === undefined ? row.help : `${row.help} (default: ${row.default})`;
    if (row.value.kind === "switch") command.addOption(new Option(flag, help));
    else {
      const several = row.value.kind === "texts" || row.value.kind === "map";
      const collect = (text: string, before: readonly string[] = []) => [...(several ? before : []), text];
      command.addOption(new Option(`${flag} <${placeOf(row)}>`, help).argParser(collect));
    }
  }
  return command;
}

function placeOf({ value }: OptionRow): string {
  if (value.kind === "map") return "name=value";
  if (value.kind === "text" && value.choices !== undefined) return value.choices.join("|");
  return (
    { text: "text", texts: "names", integer: "n", number: "x", integers: "n,n" }[value.kind as "text"] ??
    "value"
  );
}

/** What the command line says, over what the configuration file says. Raises ConfigError. */
export function readValues(command: Command, rows: readonly OptionRow[], config: Values = {}): Values {
  const given = command.opts<Readonly<Record<string, unknown>>>();
  const values: Record<string, unknown> = {};
  for (const row of rows) {
    const flag = given[row.key];
    // Commander gives a switch that is on as true where nobody said anything.
    const isGiven = flag !== undefined && !(isOnByDefault(row) && flag === true);
    if (isGiven) {
      values[row.key] = row.value.kind === "switch" ? flag : parseText(row, flag as readonly string[]);
    } else if (row.key in config) values[row.key] = config[row.key];
  }
  return values;
}

/** A configuration file: JSON with the options' names as keys, and "$schema". Raises ConfigError or StorageError. */
export function readConfigFile(path: string, rows: readonly OptionRow[]): Values {
  const parsed = readJson(path, "a file", "JSON");
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw new ConfigError(
      path,
      'an object such as { "target": "price" }',
      JSON.stringify(parsed).slice(0, 80),
    );
  }
  const { $schema: _, ...given } = parsed as Readonly<Record<string, unknown>>;
  for (const [key, value] of Object.entries(given)) {
    const row = rows.find((it) => it.key === key);
    if (row === undefined) {
      const guess = nearest(
        key,
        rows.map((it) => it.key),
      );
      throw new ConfigError(
        `${path}: ${key}`,
        guess === undefined ? "an option's name" : `${guess} (did you mean it?)`,
        "an unknown one",
      );
    }
    checkValue(row, value, `${path}: ${key}`);
  }
  return given;
}

/** The JSON schema of such files, made of the same rows. */
export function schemaOf(rows: readonly OptionRow[]): object {
  const properties = Object.fromEntries(
    rows.map((row) => [
      row.key,
      {
        description: row.default === undefined ? row.help : `${row.help} (default: ${row.default})`,
        ...typeOf(row),
      },
    ]),
  );
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "layerwise.json",
    type: "object",
    properties: { $schema: { type: "string" }, ...properties },
    additionalProperties: false,
  };
}

function typeOf({ value }: OptionRow): object {
  switch (value.kind) {
    case "switch":
      return { type: "boolean" };
    case "text":
      return value.choices === undefined ? { type: "string", minLength: 1 } : { enum: value.choices };
    case "texts":
      return { oneOf: [{ type: "string" }, { type: "array", items: { type: "string" } }] };
    case "integers":
      return { type: "array", items: { type: "integer", minimum: value.least }, minItems: 1 };
    case "integer":
      return {
        type: "integer",
        minimum: value.least,
        ...(value.most !== undefined && { maximum: value.most }),
      };
    case "map":
      return {
        type: "object",
        additionalProperties: value.choices === undefined ? { type: "string" } : { enum: value.choices },
      };
    case "number":
      return {
        type: "number",
        ...(value.above !== undefined && { exclusiveMinimum: value.above }),
        ...(value.least !== undefined && { minimum: value.least }),
        ...(value.below !== undefined && { exclusiveMaximum: value.below }),
      };
  }
}
