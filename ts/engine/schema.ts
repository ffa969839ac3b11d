import type { Dtype } from "../config/dtype.js";
import { InternalError } from "../errors/errors.js";

/** What can be bound: the crate's own list, so that the order of facts stands in Rust alone (calls/schema.rs). */
export interface Schema {
  /** The words of a program's report, in their order. */
  readonly report: readonly string[];
  /** Numbers and names of facts, by kind and name. */
  readonly things: ReadonlyMap<string, Thing>;
}

export interface Thing {
  readonly number: number;
  readonly facts: readonly string[];
}

/** The key of a thing, such as `operation denseForward`. */
export type Kind =
  | "number"
  | "operation"
  | "activation"
  | "loss"
  | "initialization"
  | "optimizer"
  | "moments"
  | "schedule";

/** Reads the text that `calls::schema` gives. */
export function parseSchema(text: string): Schema {
  const things = new Map<string, Thing>();
  const counts = new Map<string, number>();
  let report: readonly string[] = [];
  for (const line of text.split("\n")) {
    const [kind = "", ...names] = line.split(" ").map(camelCase);
    if (kind === "report") report = names;
    else if (kind !== "") {
      const [name = "", ...facts] = names;
      const number = counts.get(kind) ?? 0;
      counts.set(kind, number + 1);
      things.set(`${kind} ${name}`, { number, facts });
    }
  }
  return { report, things };
}

/** The thing of a kind and name. Raises InternalError where the build has none: it is of other sources. */
export function thingOf(schema: Schema, kind: Kind, name: string): Thing {
  const thing = schema.things.get(`${kind} ${name}`);
  if (thing === undefined)
    throw new InternalError("engine", `a build with the ${kind} ${name}`, "one without");
  return thing;
}

/** Whether programs can be of this number type. */
export function hasNumbers({ things }: Schema, dtype: Dtype): boolean {
  return things.has(`number ${dtype}`);
}

/** keep_prob → keepProb: a thing has one name in both languages. */
function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
