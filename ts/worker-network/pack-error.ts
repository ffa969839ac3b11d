import * as errors from "../errors/errors.js";
import { messageOf } from "../platform/realm.js";
import type { Packed, PackedEntry } from "./messages.js";

/** Packs or unpacks a part of an error. */
type PackPart = (value: unknown) => Generator<void, Packed>;
type UnpackPart = (packed: Packed) => unknown;

const CLASSES: ReadonlyMap<string, unknown> = /* @__PURE__ */ new Map<string, unknown>([
  ["ConfigError", errors.ConfigError],
  ["ShapeError", errors.ShapeError],
  ["DataError", errors.DataError],
  ["StateError", errors.StateError],
  ["ResourceError", errors.ResourceError],
  ["EnvironmentError", errors.EnvironmentError],
  ["InternalError", errors.InternalError],
  ["NumericError", errors.NumericError],
  ["FormatError", errors.FormatError],
  ["StorageError", errors.StorageError],
  ["EvalError", EvalError],
  ["RangeError", RangeError],
  ["ReferenceError", ReferenceError],
  ["SyntaxError", SyntaxError],
  ["TypeError", TypeError],
  ["URIError", URIError],
]);

/** An error of any realm. */
export function isError(value: object): boolean {
  if (value instanceof Error) return true;
  return Object.prototype.toString.call(value) === "[object Error]" || isDomException(value);
}

function isDomException(value: object): boolean {
  return Object.prototype.toString.call(value) === "[object DOMException]";
}

/** Its class, message and stack, its own fields and its cause. */
export function* packError(error: object, part: PackPart): Generator<void, Packed> {
  const fields: PackedEntry[] = [];
  for (const key of Object.keys(error)) fields.push([key, yield* part(Reflect.get(error, key))]);
  const isCaused = Object.hasOwn(error, "cause");
  return {
    kind: "error",
    class: classOf(error),
    name: "name" in error ? String(error.name) : "Error",
    message: messageOf(error),
    stack: "stack" in error && typeof error.stack === "string" ? error.stack : undefined,
    fields,
    cause: isCaused ? [yield* part(Reflect.get(error, "cause"))] : [],
  };
}

/** Of a class that both sides have: by itself, since a minifier may have changed what it calls itself. */
function classOf(error: object): string {
  for (const [name, Class] of CLASSES) if (error.constructor === Class) return name;
  return isDomException(error) ? "DOMException" : "Error";
}

/** An error of the same class, with the same fields. */
export function unpackError(packed: Extract<Packed, { kind: "error" }>, part: UnpackPart): unknown {
  const { class: className, name, message, stack, fields, cause } = packed;
  if (className === "DOMException") return new DOMException(message, name);
  const Class = CLASSES.get(className);
  const options = cause.length === 0 ? {} : { cause: part(cause[0]) };
  const error: Error = Reflect.construct(
    Error,
    [message, options],
    typeof Class === "function" ? Class : Error,
  );
  const define = (key: string, value: unknown, enumerable: boolean) =>
    Object.defineProperty(error, key, { value, enumerable, writable: true, configurable: true });
  if (stack !== undefined) define("stack", stack, false);
  for (const [key, value] of fields) define(key, part(value), true);
  if (Class !== undefined && Object.hasOwn(error, "name")) define("name", className, true);
  else if (error.name !== name) define("name", name, false);
  return error;
}
