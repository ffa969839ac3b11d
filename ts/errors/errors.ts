import { typedArrayName } from "../platform/realm.js";
import { withoutSecrets } from "../platform/secrets.js";
import type { FormatRule } from "./format-rules.js";

/**
 * Every error that Layerwise raises names the place, what was expected there and what came:
 * `ConfigError: layerDims[2]: expected an integer in [1, 4294967295], got 1.5`.
 * When one is raised, the network is as it was at its last whole step and can go on.
 */
export abstract class LayerwiseError extends Error {
  /** The class's name: a literal, so that minifiers leave it. */
  abstract override readonly name: string;
  /** A constant of the class, for programs: `ERR_CONFIG`, `ERR_SHAPE`, … */
  abstract readonly code: string;
  /** The place, such as `layerDims[2]` or `x[17]`. */
  readonly path: string;
  /** What was expected there. */
  readonly expected: string;
  /** What came instead. */
  readonly got: string;

  /**
   * Parts that are longer than a few hundred characters are shortened in their middle, and URLs in them are without user, password
   * and query; the cause's text too.
   */
  constructor(path: string, expected: string, got: string, { cause }: ErrorOptions = {}) {
    const place = shortened(withoutSecrets(path), LONGEST_PART);
    const wanted = shortened(withoutSecrets(expected), LONGEST_PART);
    const found = shortened(withoutSecrets(got), LONGEST_PART);
    const options = cause === undefined ? {} : { cause: boundedCause(cause) };
    super(`${place}: expected ${wanted}, got ${found}`, options);
    this.path = place;
    this.expected = wanted;
    this.got = found;
  }
}

/** A key, a path or a text of the caller's or of a file may be megabytes long: this much of it is shown. */
const LONGEST_PART = 500;

/** The beginning and the end of a text that is longer than `most`. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const kept = most >> 1;
  // Half of a surrogate pair is no character.
  const start = text.slice(0, kept).replace(/[\ud800-\udbff]$/, "");
  const end = text.slice(-kept).replace(/^[\udc00-\udfff]/, "");
  return `${start}…${end}`;
}

/** Of a chain of causes, which may be a circle, this many are looked at and the rest is left out. */
const MOST_CAUSES = 10;

/** The cause, or one in its place where its message, or that of a cause of its own, holds too much of the input or a secret. */
function boundedCause(cause: unknown, most = MOST_CAUSES): unknown {
  if (typeof cause === "string") return shortened(withoutSecrets(cause), LONGEST_PART);
  if (!(cause instanceof Error)) return cause;
  const inner = most === 0 ? undefined : boundedCause(cause.cause, most - 1);
  const given = String(cause.message);
  const message = withoutSecrets(given);
  if (inner === cause.cause && message === given && message.length <= 2 * LONGEST_PART) return cause;
  const code: unknown = "code" in cause ? cause.code : undefined;
  const bounded = new Error(shortened(message, LONGEST_PART), { cause: inner });
  return Object.assign(bounded, { name: cause.name }, code === undefined ? {} : { code });
}

/** An option or a part of the network's configuration is out of its range. */
export class ConfigError extends LayerwiseError {
  override readonly name = "ConfigError";
  readonly code = "ERR_CONFIG";
}

/** Rows, columns or lengths don't fit the network or each other. */
export class ShapeError extends LayerwiseError {
  override readonly name = "ShapeError";
  readonly code = "ERR_SHAPE";
}

/** A value of the data can't be used: not finite, not a label, not a number. */
export class DataError extends LayerwiseError {
  override readonly name = "DataError";
  readonly code = "ERR_DATA";
}

/** The call doesn't fit the present state: after dispose, or while fit runs. */
export class StateError extends LayerwiseError {
  override readonly name = "StateError";
  readonly code = "ERR_STATE";
}

/** WebAssembly memory doesn't suffice. */
export class ResourceError extends LayerwiseError {
  override readonly name = "ResourceError";
  readonly code = "ERR_RESOURCE";
}

/** This environment can't run or load the WebAssembly build. */
export class EnvironmentError extends LayerwiseError {
  override readonly name = "EnvironmentError";
  readonly code = "ERR_ENVIRONMENT";
}

/** A trap inside WebAssembly: a bug of Layerwise. The instance is discarded, with every network in it. */
export class InternalError extends LayerwiseError {
  override readonly name = "InternalError";
  readonly code = "ERR_INTERNAL";
}

/** An activation, loss or gradient was not finite; nothing was updated. */
export class NumericError extends LayerwiseError {
  override readonly name = "NumericError";
  readonly code = "ERR_NUMERIC";
  /** The layer (1 … L) where the first such value stands. */
  readonly layer: number;
  /** The step that was given up: 1 is the network's first step. Undefined for a prediction, which is no step. */
  readonly step: number | undefined;
  /** The layer's name, where it has one. */
  readonly layerName: string | undefined;

  constructor(place: LayerPlace, step: number | undefined, expected: string, got: string) {
    super(step === undefined ? layerText(place) : `${layerText(place)}, step ${step}`, expected, got);
    this.layer = place.layer;
    this.step = step;
    this.layerName = place.name;
  }
}

/** A layer's number, 1 being the first, and its name. */
export interface LayerPlace {
  readonly layer: number;
  readonly name: string | undefined;
}

/** Such as `layer 3` or `layer 3 "encoder"`. */
export function layerText({ layer, name }: LayerPlace): string {
  return name === undefined ? `layer ${layer}` : `layer ${layer} ${describe(name)}`;
}

/** A file breaks a rule of its format (docs/format.md lists them). Nothing was made of it. */
export class FormatError extends LayerwiseError {
  override readonly name = "FormatError";
  readonly code = "ERR_FORMAT";
  /** The rule that was broken. */
  readonly rule: FormatRule;
  /** Where in the file, counted from 0; for bytes that are missing, where they would begin. */
  readonly byteOffset: number;

  constructor(rule: FormatRule, byteOffset: number, place: string, expected: string, got: string) {
    super(`${place} at byte ${byteOffset}`, expected, got);
    this.rule = rule;
    this.byteOffset = byteOffset;
  }
}

/** A file, download or database could not be read or written; the cause says why. Older files are whole. */
export class StorageError extends LayerwiseError {
  override readonly name = "StorageError";
  readonly code = "ERR_STORAGE";
}

const LONGEST_TEXT = 60;

/** A short text for any value, for the `got` of an error. */
export function describe(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(shorten(withoutSecrets(value)));
  if (typeof value === "bigint") return shorten(`${value}n`);
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null)
    return Object.is(value, -0) ? "-0" : shorten(String(value));
  try {
    return describeObject(value);
  } catch {
    return "an object"; // One whose getters or traps throw.
  }
}

function describeObject(value: object): string {
  if (Array.isArray(value)) return `an array of ${value.length}`;
  const typed = typedArrayName(value);
  if (typed !== undefined) return `${withArticle(typed)} of ${"length" in value ? value.length : 0}`;
  if (ArrayBuffer.isView(value)) return "a DataView";
  const name: unknown = Object.getPrototypeOf(value)?.constructor?.name;
  if (typeof name !== "string" || name === "Object" || name === "") return "an object";
  return withArticle(shorten(name.replace(/^_+/, ""))); // A bundler may put an underscore before a name.
}

function withArticle(name: string): string {
  return `${/^[AEIO]/.test(name) ? "an" : "a"} ${name}`;
}

/** A text that an error can hold. */
export function shorten(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
}
