/** The rules that a file must keep, by the names that a FormatError gives them. docs/format.md explains each. */
export const FORMAT_RULES = [
  "truncated",
  "headerSize",
  "json",
  "duplicateKey",
  "count",
  "dtype",
  "size",
  "overlap",
  "hole",
  "trailingBytes",
  "version",
  "metadata",
  "tensorSet",
  "finite",
  "range",
  "checksum",
] as const;

export type FormatRule = (typeof FORMAT_RULES)[number];

/** The longest header, in bytes. */
export const LONGEST_HEADER = 1 << 20;

/** The most tensors, and the most texts of metadata: what is noted of them then stays below 1 MiB. */
export const MOST_TENSORS = 1024;
export const MOST_TEXTS = 256;

/** Before the header: its length, as a u64. */
export const LENGTH_BYTES = 8;

/** The most epochs or steps that a file may say were made: so many more can still be counted exactly. */
export const MOST_COUNTED = 2 ** 52;
