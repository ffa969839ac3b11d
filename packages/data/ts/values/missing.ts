/** Texts that stand for a value that isn't there, besides "" and blanks. `missing` of a reader's options adds others. */
export const MISSING_MARKS = [
  "?",
  "NA",
  "N/A",
  "n/a",
  "#N/A",
  "NaN",
  "nan",
  "NAN",
  "null",
  "NULL",
  "Null",
] as const;
