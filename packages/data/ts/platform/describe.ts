import { shownPlace } from "../source/web-address.js";

const LONGEST_TEXT = 60;

const STARTS_AS_URL = /^\s*[a-z][a-z0-9+.-]*:\/\//i;

/** A short text for any value, for the `got` of an error. */
export function describe(value: unknown): string {
  // Before it is cut, behind which no one would see that a part is a password.
  if (typeof value === "string")
    return JSON.stringify(shorten(STARTS_AS_URL.test(value) ? shownPlace(value) : value));
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (value instanceof Date) return `the date ${Number.isNaN(value.getTime()) ? "NaN" : value.toISOString()}`;
  if (typeof value !== "object" || value === null) {
    return Object.is(value, -0) ? "-0" : shorten(String(value));
  }
  const name: unknown = Object.getPrototypeOf(value)?.constructor?.name;
  return typeof name !== "string" || name === "Object" || name === ""
    ? "an object"
    : `an object (${shorten(name)})`;
}

export function shorten(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
}

/** `"a", "b", "c" and 4 more` */
export function listed(texts: readonly string[], most = 5): string {
  const shown = texts.slice(0, most).map((text) => JSON.stringify(shorten(text)));
  return texts.length > most ? `${shown.join(", ")} and ${texts.length - most} more` : shown.join(", ");
}

/** `1 row`, `2 rows` */
export function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? "" : "s"}`;
}
