import { elementary } from "@layerwise/data";
import { canonicalJson } from "../trial/canonical.js";
import type { Choices, Configuration, Parameter, Range, Space, Value } from "./study.js";

/*
 * A parameter's values as points of [0, 1]. Values of ranges are rounded to six digits, so that what a report or a command
 * line shows is what was trained; exp and log are those that give the same bits everywhere.
 */

const DIGITS = 6;

export function isChoices(parameter: Parameter): parameter is Parameter & Choices {
  return "choices" in parameter;
}

/** The value at u in [0, 1). */
export function valueAt(parameter: Parameter, u: number): Value {
  if (isChoices(parameter)) {
    const { choices } = parameter;
    return choices[Math.min(choices.length - 1, Math.floor(u * choices.length))] ?? null;
  }
  const [low, high] = endsOf(parameter);
  const t = low + u * (high - low);
  const { from, to, integer = false } = parameter;
  const x = isLog(parameter) ? elementary.exp(t) : t;
  const rounded = integer ? Math.floor(x + 0.5) : Number(x.toPrecision(DIGITS));
  return Math.min(to, Math.max(from, rounded));
}

/** The point of a range's value: the inverse of {@link valueAt}, but for rounding. */
export function pointOf(parameter: Parameter & Range, value: number): number {
  const [low, high] = endsOf(parameter);
  const t = isLog(parameter) ? elementary.log(value) : value;
  return high > low ? Math.min(1, Math.max(0, (t - low) / (high - low))) : 0.5;
}

/** Which of the choices a value is. */
export function choiceOf({ choices }: Choices, value: Value): number {
  const text = canonicalJson(value);
  return choices.findIndex((choice) => canonicalJson(choice) === text);
}

function isLog({ scale }: Range): boolean {
  return scale === "log";
}

/** Where [0, 1] begins and ends; whole numbers have half a unit to both sides. */
function endsOf({ from, to, scale, integer = false }: Range): readonly [low: number, high: number] {
  const half = integer ? 0.5 : 0;
  const ends = [from - half, to + half] as const;
  return scale === "log" ? [elementary.log(ends[0]), elementary.log(ends[1])] : ends;
}

/** Values of a parameter for a grid, in their order. */
export function gridOf(parameter: Parameter): readonly Value[] {
  if (isChoices(parameter)) return parameter.choices;
  const { from, to, integer = false, points = 5 } = parameter;
  const count = integer ? Math.min(points, to - from + 1) : points;
  if (count === 1 || from === to) return [from];
  const values = Array.from({ length: count }, (_, i) => {
    const share = i / (count - 1);
    if (i === 0) return from;
    if (i === count - 1) return to;
    const x = isLog(parameter)
      ? elementary.exp(elementary.log(from) + share * (elementary.log(to) - elementary.log(from)))
      : from + share * (to - from);
    return integer ? Math.floor(x + 0.5) : Number(x.toPrecision(DIGITS));
  });
  return [...new Set(values)];
}

/** Whether a parameter is there, by the values of those before it. */
export function isActive({ when = {} }: Parameter, configuration: Configuration): boolean {
  return Object.entries(when).every(([name, wanted]) => {
    const value = configuration[name];
    if (value === undefined) return false;
    const texts = (Array.isArray(wanted) ? wanted : [wanted]).map(canonicalJson);
    return texts.includes(canonicalJson(value));
  });
}

/** A configuration of the values that are chosen for the parameters that are there, in the space's order. */
export function configurationOf(
  space: Space,
  choose: (parameter: Parameter, place: number, name: string) => Value,
): Configuration {
  const configuration: Record<string, Value> = {};
  Object.entries(space).forEach(([name, parameter], place) => {
    if (isActive(parameter, configuration)) configuration[name] = choose(parameter, place, name);
  });
  return configuration;
}
