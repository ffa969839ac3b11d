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
