/** What was inferred, dropped or is worth a look: a sentence, of what is `ignored` why; and the column that it is about, if it is about one. */
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
  /** What would read it otherwise: an option, and what it does. */
  readonly advice?: string;
}

/** The sentence, and the advice. */
export function noteSentence({ kind, message, advice }: Note): string {
  if (kind === "ignored") return `${message}: training leaves it out`;
  return advice === undefined ? message : `${message} (${advice})`;
}

/** For a model's file, which outlives the options that read its data. */
export function withoutAdvice({ advice: _, ...note }: Note): Note {
  return note;
}

/** The sentence behind the name of its column. */
export function noteText(note: Note): string {
  return note.column === undefined ? noteSentence(note) : `${note.column}: ${noteSentence(note)}`;
}
