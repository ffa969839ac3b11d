/** How the files of a study are read; what isn't given is found out, as the readers of @layerwise/data do. */
export interface ReadingOptions {
  readonly format?: "csv" | "jsonl" | "parquet";
  readonly delimiter?: string;
  readonly quote?: string;
  readonly decimal?: "." | ",";
  readonly header?: "yes" | "no";
  readonly encoding?: string;
  readonly comment?: string;
  readonly skipLines?: number;
  readonly dateOrder?: "dmy" | "mdy";
  readonly missing?: string | readonly string[];
  readonly skipBadRows?: boolean;
  readonly maxRows?: number;
}

/** What a table is made of. */
export interface DataOptions {
  /** Paths, seen from the study's file, or URLs: files of one format and the same columns, one after the other. */
  readonly data: string | readonly string[];
  readonly reading?: ReadingOptions;
}

/** One file of a data set: where it may be had, and what its bytes must be. */
export interface FileReference {
  /** A path or a URL. */
  readonly from: string;
  /** Of its bytes as they lie there, in hexadecimal digits. */
  readonly sha256: string;
  /** Whether the store has it too, as `data/<sha256>`. */
  readonly isStored: boolean;
}

/** A data set as a job names it. */
export interface DataReference {
  readonly files: readonly FileReference[];
  readonly reading: ReadingOptions;
}
