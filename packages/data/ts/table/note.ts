/** What was inferred, dropped or is worth a look: one sentence, and the column that it is about, if it is about one. */
export interface Note {
  /** Of which kind, for programs. */
  readonly kind:
    | "encoding"
    | "delimiter"
    | "header"
    | "decimal"
    | "comment"
    | "quote"
    | "name"
    | "type"
    | "missing"
    | "dropped"
    | "ignored"
    | "skipped"
    | "duplicates"
    | "outlier"
    | "leak"
    | "target"
    | "unseen"
    | "rare";
  readonly column?: string;
  readonly message: string;
}

/** The sentence behind the name of its column. */
export function noteText({ column, message }: Note): string {
  return column === undefined ? message : `${column}: ${message}`;
}
