import { CUSTOM_LOSS } from "../catalog/losses.js";
import type { AnyOptions } from "../config/config.js";
import { resolveLayers } from "../config/layers.js";
import type { NetworkConfig } from "../config/network-config.js";
import { NETWORK_OPTIONS } from "../config/option-names.js";
import { describe, shorten } from "../errors/errors.js";

/** An option that isn't as in the file. */
export interface Difference {
  readonly field: string;
  readonly expected: string;
  readonly got: string;
}

/** The network's options among these that are given. */
export function givenNetworkOptions(options: object): AnyOptions {
  const names: readonly string[] = NETWORK_OPTIONS;
  const isGiven = ([key, value]: [string, unknown]) => names.includes(key) && value !== undefined;
  return Object.fromEntries(Object.entries(options).filter(isGiven));
}

/** The first of the given options that isn't as in the file's configuration. Raises ConfigError for layers that are none. */
export function differenceFrom(config: NetworkConfig, given: AnyOptions): Difference | undefined {
  const inFile = new Map<string, unknown>(Object.entries(config));
  for (const [field, value] of Object.entries(given)) {
    const expected = inFile.get(field);
    const now = field === "layers" ? resolveLayers(field, value) : value;
    if (!isSame(expected, now))
      return { field, expected: `${shown(expected)}, as in the file`, got: shown(now) };
  }
  return undefined;
}

/** The model with the loss that was given again, where it is one's own: the file has its name alone. */
export function withGivenLoss<Of extends { readonly config: NetworkConfig }>(
  model: Of,
  { loss }: AnyOptions,
): Of {
  if (typeof loss !== "object" || loss.type !== CUSTOM_LOSS) return model;
  return { ...model, config: Object.freeze({ ...model.config, loss }) };
}

function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || b === null) return a === b;
  return JSON.stringify(a) === JSON.stringify(ArrayBuffer.isView(b) ? Array.from(b as Uint8Array) : b);
}

function shown(value: unknown): string {
  if (!Array.isArray(value) || value.length > 20) return describe(value);
  return typeof value[0] === "object" ? shorten(JSON.stringify(value)) : `[${value.join(", ")}]`;
}
