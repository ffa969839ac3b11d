import { InternalError } from "../errors/errors.js";
import type { Operation } from "./operations.js";
import { type Kind, type Schema, thingOf } from "./schema.js";

/** What an engine knows by itself and puts into every operation that asks for it. */
export interface OwnFacts {
  readonly threads: number;
}

/** The facts that name a thing of the catalogue, and its kind. */
const NAMED: Readonly<Record<string, Kind>> = {
  activation: "activation",
  loss: "loss",
  initialization: "initialization",
  rule: "optimizer",
  schedule: "schedule",
};

/** What stands beside an operation's facts: its name, and lists whose words come behind those of the facts. */
const BESIDE: readonly string[] = [
  "op",
  "rest",
  "hyperparameters",
  "parameters",
  "scheduleParameters",
  "pieces",
];

/** What facts are read against. */
export interface Binding {
  readonly schema: Schema;
  /** Where a span of this engine's lies in its memory, in bytes; undefined for anything else. */
  readonly placeOf: (fact: unknown) => number | undefined;
}

/**
 * The number of an operation, and its facts as the words that cross over: in the order of the crate's names. Raises
 * InternalError for a fact that is missing, that the build doesn't know, or that is of another engine.
 */
export function wordsOf(
  binding: Binding,
  operation: Operation,
  own: OwnFacts,
): { readonly number: number; readonly words: readonly number[] } {
  const { op } = operation;
  const { number, facts } = thingOf(binding.schema, "operation", op);
  for (const name of Object.keys(operation)) {
    if (facts.includes(name) || BESIDE.includes(name)) continue;
    throw new InternalError(`${op}.${name}`, "a fact that the build knows", "one that it doesn't");
  }
  const given: Readonly<Record<string, unknown>> = {
    ...own,
    ...operation,
    ...("workspace" in operation && { workspaceLen: operation.workspace?.length }),
  };
  const words = facts.map((name) => wordOf(binding, `${op}.${name}`, name, given[name]));
  if (operation.op === "update") {
    words.push(...parameters(binding, "optimizer", operation.rule, operation.hyperparameters));
    words.push(...parameters(binding, "schedule", operation.schedule, operation.scheduleParameters));
    words.push(...operation.pieces.map((piece) => numberOf(binding, "update.pieces", piece)));
  }
  if (operation.op === "loss")
    words.push(...parameters(binding, "loss", operation.loss, operation.parameters));
  if ("rest" in operation)
    for (const pair of operation.rest)
      words.push(...pair.map((fact) => numberOf(binding, `${op}.rest`, fact)));
  return { number, words };
}

function wordOf(binding: Binding, place: string, name: string, fact: unknown): number {
  if (fact === null) return 0;
  const kind = NAMED[name];
  if (kind !== undefined && typeof fact === "string") return thingOf(binding.schema, kind, fact).number;
  return numberOf(binding, place, fact);
}

function numberOf({ placeOf }: Binding, place: string, fact: unknown): number {
  if (typeof fact === "number") return fact;
  const offset = placeOf(fact);
  if (offset !== undefined) return offset;
  const got = typeof fact === "object" && fact !== null ? "a span of another engine" : String(fact);
  throw new InternalError(place, "a number, a span of this engine or a name", got);
}

/** The parameters of a rule or a loss, in the crate's order. */
function parameters(
  binding: Binding,
  kind: Kind,
  name: string,
  given: Readonly<Record<string, number>>,
): number[] {
  const { facts } = thingOf(binding.schema, kind, name);
  return facts.map((fact) => numberOf(binding, `${name}.${fact}`, given[fact]));
}
