import { DataError } from "layerwise";
import { listed } from "../platform/describe.js";
import { type OpenedSource, openSources, type Source } from "../source/source.js";
import { readText } from "../source/text.js";
import { Assembler, type TextRow } from "../table/assembler.js";
import {
  ALL_ROWS,
  type ChunkOptions,
  checkChunkRows,
  onlyTable,
  settingsOfChunks,
} from "../table/in-chunks.js";
import type { Note } from "../table/note.js";
import type { Table } from "../table/table.js";
import { MISSING_MARKS } from "../values/missing.js";
import { commonWidth, findDecimal, findDialect } from "./dialect.js";
import { findHeader, type Header } from "./header.js";
import { type CsvOptions, type CsvSettings, resolveCsvOptions } from "./options.js";
import { type Dialect, RecordReader, refuseNul } from "./records.js";

/** Characters by which delimiter, header and decimal sign are found out. */
const SAMPLE_CHARACTERS = 1 << 18;

/**
 * Reads a text of rows and columns. What isn't given by options is found out, and stands in the table's notes.
 * Raises ConfigError for options; StorageError for what can't be read; DataError, which names file, line and column, for what is
 * no such text.
 */
export async function readCsv(source: Source | readonly Source[], options?: CsvOptions): Promise<Table> {
  return onlyTable(tablesOf(source, resolveCsvOptions(options, MISSING_MARKS), ALL_ROWS));
}

/** What {@link readCsvChunks} takes. */
export interface CsvChunkOptions extends CsvOptions, ChunkOptions {}

/**
 * The same in tables of some rows each, so that memory is bounded whatever the file's size. Types are found out by the first
 * of them, or given.
 */
export async function* readCsvChunks(
  source: Source | readonly Source[],
  { chunkRows, ...options }: CsvChunkOptions = {},
): AsyncGenerator<Table, void> {
  const rows = checkChunkRows(chunkRows);
  yield* tablesOf(source, settingsOfChunks(resolveCsvOptions(options, MISSING_MARKS), rows), rows);
}

/** What is found out of the first file holds for the others. */
interface Layout {
  readonly dialect: Dialect;
  readonly header: Header;
  readonly assembler: Assembler;
}

async function* tablesOf(
  source: Source | readonly Source[],
  settings: CsvSettings,
  chunkRows: number,
): AsyncGenerator<Table, void> {
  const files = await openSources(source);
  const notes: Note[] = [];
  const progress = new Progress(files, settings);
  let layout: Layout | undefined;
  let rows = 0;
  for (const file of files) {
    const reading = new FileReading(progress.watched(file), settings, notes, layout);
    for await (const records of reading.records()) {
      layout = reading.layout();
      const { assembler } = layout;
      for (const record of records) {
        if (rows >= settings.maxRows) break;
        const before = assembler.rows;
        assembler.add(record);
        rows += assembler.rows - before;
        if (assembler.rows >= chunkRows) yield assembler.finish();
      }
      progress.report(rows);
      if (rows >= settings.maxRows) break;
    }
    layout = reading.layout();
    reading.note();
  }
  if (layout === undefined) return;
  if (rows === 0 && !settings.skipBadRows) throw noRows(files);
  if (layout.assembler.rows > 0 || rows === 0) {
    const { assembler } = layout;
    const table = chunkRows === Number.POSITIVE_INFINITY ? assembler.whole() : assembler.finish();
    if (table.rows === 0) throw noRows(files);
    yield table;
  }
}

function noRows(files: readonly OpenedSource[]): DataError {
  return new DataError(files[0]?.name ?? "source", "rows below the header", "none");
}

/** One file: its text as records, once its dialect and its header are known. */
class FileReading {
  #layout: Layout | undefined;
  readonly #isFirst: boolean;
  #reader: RecordReader | undefined;

  constructor(
    readonly file: OpenedSource,
    readonly settings: CsvSettings,
    readonly notes: Note[],
    layout: Layout | undefined,
  ) {
    this.#layout = layout;
    this.#isFirst = layout === undefined;
  }

  layout(): Layout {
    if (this.#layout === undefined) throw new DataError(this.file.name, "rows", "an empty file");
    return this.#layout;
  }

  async *records(): AsyncGenerator<TextRow[], void> {
    const texts = readText(this.file, this.settings.encoding, this.notes);
    const found = await this.#sample(texts);
    refuseNul(found.sample, this.file.name, found.line);
    if (found.sample.trim() === "") throw new DataError(this.file.name, "a header and rows", "an empty file");
    const { sample, line, delimiter } = withoutHint(found, this.#isFirst ? this.notes : []);
    const settings = { ...this.settings, delimiter: this.settings.delimiter ?? delimiter };
    const dialect = this.#layout?.dialect ?? findDialect(sample, settings, this.notes);
    const reader = new RecordReader(this.file.name, dialect, line);
    this.#reader = reader;
    const records = reader.push(sample);
    let { isWhole } = found;
    // A cell may be longer than the sample.
    while (!isWhole && records.length < 2) {
      const next = await texts.next();
      isWhole = next.done === true;
      if (next.done !== true) records.push(...reader.push(next.value));
    }
    if (isWhole) records.push(...reader.end());
    const { header } = this.#lay(dialect, records);
    yield records.slice(header.records);
    if (isWhole) return;
    for await (const text of texts) yield reader.push(text);
    yield reader.end();
  }

  /** As much text as things are found out by, without the lines to skip. */
  async #sample(texts: AsyncGenerator<string>): Promise<Sample> {
    let sample = "";
    let skipped = 0;
    for (;;) {
      const next = await texts.next();
      if (next.done === true) return { sample, line: skipped + 1, isWhole: true };
      sample += next.value;
      while (skipped < this.settings.skipLines && sample.includes("\n")) {
        sample = sample.slice(sample.indexOf("\n") + 1);
        skipped += 1;
      }
      if (skipped === this.settings.skipLines && sample.length >= SAMPLE_CHARACTERS) {
        return { sample, line: skipped + 1, isWhole: false };
      }
    }
  }

  #lay(dialect: Dialect, records: readonly TextRow[]): Layout {
    const { settings, notes } = this;
    const rows = records.map(({ cells }) => cells);
    const decimal = settings.decimal ?? findDecimal(rows, dialect.delimiter, this.#isFirst ? notes : []);
    checkFirst(this.file.name, records);
    const isMissing = (cell: string) => cell === "" || settings.missing.has(cell);
    const { optionText } = settings;
    const facts = { header: settings.header, decimal, isMissing, optionText };
    const header = findHeader(records, facts, this.#isFirst ? notes : []);
    if (this.#layout !== undefined) {
      checkSameColumns(this.file.name, header.names, this.#layout.header.names);
      this.#layout = { ...this.#layout, header };
      return this.#layout;
    }
    if (records.length === header.records) throw noRows([this.file]);
    const preferredOrder = "dmy";
    const assembler = new Assembler({
      ...header,
      decimal,
      preferredOrder,
      settings,
      keepsEmptyRows: false,
      notes,
    });
    this.#layout = { dialect, header, assembler };
    return this.#layout;
  }

  /** Says what was left out. */
  note(): void {
    const { comments = 0, emptyLines = 0 } = this.#reader?.left ?? {};
    if (emptyLines > 0 && this.#layout?.header.names.length === 1) {
      const message = `${emptyLines} empty lines left out: in a file of one column they are no missing values`;
      this.notes.push({ kind: "dropped", message });
    }
    const mark = this.#layout?.dialect.comment;
    if (comments === 0 || mark === undefined) return;
    this.notes.push({
      kind: "comment",
      message: `lines that begin with ${mark} are comments: ${comments} left out`,
    });
  }
}

interface Sample {
  readonly sample: string;
  /** On which the sample begins. */
  readonly line: number;
  readonly isWhole: boolean;
}

/** sep=; on the first line is what a spreadsheet tells another of the delimiter. */
function withoutHint(
  { sample, line }: Sample,
  notes: Note[],
): Pick<Sample, "sample" | "line"> & { delimiter?: string } {
  const [hint, delimiter] = /^"?sep=([^\n"])"?[,;\t]*\n/i.exec(sample) ?? [];
  if (hint === undefined || delimiter === undefined) return { sample, line };
  notes.push({
    kind: "delimiter",
    message: `the first line says that the delimiter is ${JSON.stringify(delimiter)}`,
  });
  return { sample: sample.slice(hint.length), line: line + 1, delimiter };
}

/** A title above the table is no header. Raises DataError. */
function checkFirst(file: string, records: readonly TextRow[]): void {
  const { width } = commonWidth(records.map(({ cells }) => cells));
  const [first] = records;
  if (first === undefined || first.cells.length !== 1 || width < 3) return;
  const lines = records.find(({ cells }) => cells.length === width)?.line ?? 2;
  const expected = `${width} cells, as most rows have (skipLines: ${lines - 1} leaves out what is above them)`;
  throw new DataError(`${file}, line ${first.line}`, expected, "1");
}

function checkSameColumns(file: string, names: readonly string[], first: readonly string[]): void {
  if (names.length === first.length && names.every((name, i) => name === first[i])) return;
  throw new DataError(file, `the first file's columns: ${listed(first, 8)}`, listed(names, 8));
}

/** Counts bytes as they are read, and tells of them. */
class Progress {
  #bytes = 0;
  readonly #total: number | undefined;

  constructor(
    files: readonly OpenedSource[],
    readonly settings: CsvSettings,
  ) {
    const sizes = files.map(({ size }) => size);
    this.#total = sizes.reduce(
      (sum, size) => (sum === undefined || size === undefined ? undefined : sum + size),
      0,
    );
  }

  watched(file: OpenedSource): OpenedSource {
    const count = (bytes: number) => {
      this.#bytes += bytes;
    };
    return {
      ...file,
      async *bytes() {
        for await (const part of file.bytes()) {
          count(part.length);
          yield part;
        }
      },
    };
  }

  report(rows: number): void {
    this.settings.onProgress?.({ rows, bytes: this.#bytes, totalBytes: this.#total });
  }
}
