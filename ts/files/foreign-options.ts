import { ConfigError, describe } from "../errors/errors.js";

/** What {@link loadNetwork} takes for another program's file only. */
export interface ForeignOptions {
  /**
   * The linear layers in the order in which the model runs them, by the names that their tensors begin with:
   * `["fc1", "fc2"]` for `fc1.weight`, `fc1.bias`, …. Needed where the shapes fit in several orders.
   */
  readonly layers?: readonly string[];
  /** Tensors that are no part of the network, by name, or by the name of the module that they belong to. */
  readonly ignore?: readonly string[];
}

export const FOREIGN_OPTIONS = ["layers", "ignore"] as const;

/** Copies of the lists. Raises ConfigError. */
export function resolveForeignOptions({ layers, ignore }: ForeignOptions): ForeignOptions {
  return {
    ...(layers === undefined ? {} : { layers: checkNames("layers", layers) }),
    ...(ignore === undefined ? {} : { ignore: checkNames("ignore", ignore) }),
  };
}

function checkNames(path: string, names: unknown): string[] {
  if (!Array.isArray(names))
    throw new ConfigError(path, 'an array of names, such as ["fc1"]', describe(names));
  const seen = new Set<string>();
  return Array.from(names, (name: unknown, i) => {
    if (typeof name !== "string") throw new ConfigError(`${path}[${i}]`, "a name", describe(name));
    if (seen.has(name)) throw new ConfigError(`${path}[${i}]`, "every name once", `${describe(name)} again`);
    seen.add(name);
    return name;
  });
}
