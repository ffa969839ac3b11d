import { ConfigError, describe } from "../errors/errors.js";
import { encodeUtf8 } from "../platform/text.js";

/**
 * Texts of the user's own that a network carries into its files: names of classes, notes, dates. At most 128,
 * whose keys have 1 to 256 characters and which take at most 64 KiB together, keys included.
 */
export type Metadata = Readonly<Record<string, string>>;

export const NO_METADATA: Metadata = Object.freeze({});

const MOST_TEXTS = 128;
const LONGEST_KEY = 256;
const MOST_BYTES = 64 * 1024;

/** Half of a character beyond 2¹⁶: it has no form in UTF-8. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/** A frozen copy. Raises ConfigError. */
export function checkMetadata(metadata: unknown): Metadata {
  if (metadata === undefined) return NO_METADATA;
  if (!isPlainObject(metadata)) {
    throw new ConfigError("metadata", 'an object of texts, such as { note: "…" }', describe(metadata));
  }
  const entries = Object.entries(metadata);
  if (entries.length > MOST_TEXTS) {
    throw new ConfigError("metadata", `at most ${MOST_TEXTS} texts`, `${entries.length}`);
  }
  let bytes = 0;
  const texts = entries.map(([key, text]): [string, string] => {
    checkKey(key);
    const checked = checkText(`metadata.${describe(key).slice(1, -1)}`, text);
    bytes += encodeUtf8(key + checked).length;
    return [key, checked];
  });
  if (bytes > MOST_BYTES) {
    throw new ConfigError("metadata", `at most ${MOST_BYTES} bytes of keys and texts together`, `${bytes}`);
  }
  return Object.freeze(Object.fromEntries(texts));
}

function checkKey(key: string): void {
  const expected = `keys of 1 to ${LONGEST_KEY} characters`;
  if (key.length === 0 || key.length > LONGEST_KEY) {
    throw new ConfigError("metadata", expected, `${describe(key)} of ${key.length}`);
  }
  if (LONE_SURROGATE.test(key)) throw new ConfigError("metadata", "keys of whole characters", describe(key));
  if (key === "__proto__") throw new ConfigError("metadata", 'keys other than "__proto__"', describe(key));
}

function checkText(path: string, text: unknown): string {
  if (typeof text !== "string") {
    throw new ConfigError(path, "a text (JSON.stringify makes one of anything)", describe(text));
  }
  if (LONE_SURROGATE.test(text))
    throw new ConfigError(path, "a text of whole characters", "a lone surrogate");
  return text;
}

/** Of this realm or another, or without a prototype; not an array, a Map or an object of a class. */
function isPlainObject(value: unknown): value is object {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
