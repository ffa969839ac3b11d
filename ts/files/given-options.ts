import type { NetworkConfig, NetworkOptions } from "../config/config.js";
import { NETWORK_OPTIONS } from "../config/option-names.js";
import { describe } from "../errors/errors.js";

/** An option that isn't as in the file. */
export interface Difference {
  readonly field: string;
  readonly expected: string;
  readonly got: string;
}

/** The network's options among these that are given. */
export function givenNetworkOptions(options: object): Partial<NetworkOptions> {
  const names: readonly string[] = NETWORK_OPTIONS;
  const isGiven = ([key, value]: [string, unknown]) => names.includes(key) && value !== undefined;
  return Object.fromEntries(Object.entries(options).filter(isGiven));
}

/** The first of the given options that isn't as in the file's configuration. */
export function differenceFrom(
  config: NetworkConfig,
  given: Partial<NetworkOptions>,
): Difference | undefined {
  const inFile = new Map<string, unknown>(Object.entries(config));
  for (const [field, value] of Object.entries(given)) {
    const expected = inFile.get(field);
    if (!isSame(expected, value))
      return { field, expected: `${shown(expected)}, as in the file`, got: shown(value) };
  }
  return undefined;
}

function isSame(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || typeof b !== "object" || b === null) return a === b;
  const other = Array.from(b as ArrayLike<unknown>);
  return a.length === other.length && a.every((value, i) => value === other[i]);
}

function shown(value: unknown): string {
  return Array.isArray(value) && value.length <= 20 ? `[${value.join(", ")}]` : describe(value);
}
