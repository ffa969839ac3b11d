// Small files, each with one trap that tables from elsewhere have, and what must come of it.
import { fileURLToPath } from "node:url";
import { DataError } from "layerwise";
import { describe, expect, it } from "vitest";
import { type CsvOptions, noteSentence, readCsv, type Table } from "../ts/index.js";

const trap = (name: string) => fileURLToPath(new URL(`traps/${name}`, import.meta.url));
const read = (name: string, options?: CsvOptions) => readCsv(trap(name), options);

const types = ({ columns }: Table) => Object.fromEntries(columns.map(({ name, type }) => [name, type]));
const notes = ({ notes }: Table) =>
  notes.map((note) => `${note.column ?? ""}: ${noteSentence(note)}`).join("\n");

describe("a table from elsewhere", () => {
  it("keeps quoted line breaks, quotes and delimiters within cells; BOM and CRLF leave no trace", async () => {
    const table = await read("bom-crlf-quotes.csv");
    expect(types(table)).toEqual({ name: "text", "note, long": "text", score: "number", label: "category" });
    expect(table.toRows()).toEqual([
      { name: 'a "b" c', "note, long": "x,y", score: 1.5, label: "yes" },
      { name: "d", "note, long": "line\nbreak", score: 2.5, label: "no" },
      { name: "e", "note, long": null, score: 3.5, label: "yes" },
    ]);
  });

  it("with semicolons and decimal commas is found out; columns and rows without anything are dropped and said", async () => {
    const table = await read("semicolon-decimal-comma.csv");
    expect(types(table)).toEqual({ when: "date", temp: "number", hum: "number", target: "number" });
    expect(table.toRows()).toEqual([
      { when: new Date("2004-03-10"), temp: 2.6, hum: 48.9, target: 11.9 },
      { when: new Date("2004-03-11"), temp: -200, hum: 47.7, target: 9.4 },
    ]);
    for (const said of [
      'delimiter is ";"',
      "decimal comma",
      "column 5 has neither",
      "column 6 has neither",
      "1 row without",
      "dd/mm/yyyy",
    ]) {
      expect(notes(table)).toContain(said);
    }
    const marked = await read("semicolon-decimal-comma.csv", { missing: ["-200"] });
    expect(marked.toRows().map(({ temp }) => temp)).toEqual([2.6, null]);
  });

  it("without a header has names by place, and ? is missing", async () => {
    const table = await read("question-marks-no-header.csv");
    expect(table.names).toEqual(["column1", "column2", "column3", "column4", "column5"]);
    expect(table.columns.every(({ type }) => type === "number")).toBe(true);
    expect(table.toRows().map(({ column3, column4 }) => [column3, column4])).toEqual([
      [null, 145],
      [4, null],
      [2, 130],
    ]);
    expect(notes(table)).toContain('"?" in 2 cells');
  });

  it("may begin with a comment, which is said, and have blanks after commas", async () => {
    const table = await read("trailing-point-labels.csv");
    expect(notes(table)).toContain("lines that begin with | are comments: 1 left out");
    expect(table.row(0)).toEqual({ column1: 39, column2: "Private", column3: 77516, column4: "<=50K." });
    expect(table.row(1).column2).toBeNull();
  });

  it("may have a first line that counts rows and columns", async () => {
    const table = await read("count-header.csv");
    expect([table.rows, table.names]).toEqual([4, ["column1", "column2", "column3"]]);
    expect(notes(table)).toContain("counts rows and columns");
  });

  it("may have columns between runs of blanks and tabs", async () => {
    const table = await read("blanks-and-tab.data");
    expect(table.toRows().map((row) => Object.values(row))).toEqual([
      [18, 8, 307, null, "name one"],
      [15, 8, 350, 165, "name two"],
    ]);
  });

  it("keeps the zeros of 007 and all digits of ids", async () => {
    const table = await read("leading-zeros-and-large-ids.csv");
    expect(types(table)).toEqual({ id: "category", zip: "category", order: "text", y: "number" });
    expect(table.row(1)).toEqual({ id: "008", zip: "00501", order: "12345678901234567891", y: 0 });
    expect(notes(table)).toMatch(/id: an id.*leaves it out/);
    expect(notes(table)).toMatch(/order: .*leaves it out/);
    expect(notes(table)).not.toMatch(/zip: .*leaves it out/);
  });

  it("gives columns names of their own, and says so", async () => {
    const table = await read("duplicate-and-empty-headers.csv");
    expect(table.names).toEqual(["a", "b", "a_2", "column4", "y"]);
    expect(notes(table)).toContain('has the name "a" of another');
    expect(notes(table)).toContain("column 4 has no name");
  });

  it("has texts where not all are numbers, and numbers where one isn't, with its line", async () => {
    const table = await read("mixed-types.csv");
    expect(types(table)).toEqual({ title: "text", year: "number", budget: "number", y: "number" });
    expect(table.toRows().map(({ budget }) => budget)).toEqual([1000, null, 2e6, 1000]);
    expect(notes(table)).toMatch(/year: 1 value that is no number \("Unknown", first on line 5\)/);
    const kept = await read("mixed-types.csv", { types: { year: "category" } });
    expect(kept.row(3).year).toBe("Unknown");
  });

  it("with rows of another length is an error with its line, or they are skipped and counted", async () => {
    await expect(read("ragged.csv")).rejects.toThrow(/ragged\.csv, line 3: expected 3 cells, got 2/);
    const table = await read("ragged.csv", { skipBadRows: true });
    expect(table.toRows().map(({ a }) => a)).toEqual([1, 10]);
    expect(table.skipped.rows).toBe(2);
    expect(table.skipped.first.map(({ line }) => line)).toEqual([3, 4]);
    expect(notes(table)).toContain("2 bad rows skipped");
  });

  it("with an outlier a thousand times the median says so and changes nothing", async () => {
    const table = await read("lost-decimal-points.csv");
    expect(notes(table)).toMatch(/density: 1 value .*1001.*lost decimal point/);
    expect(table.row(2).density).toBe(1001);
  });

  it("in another encoding is an error with its byte, or read in the encoding that is given", async () => {
    await expect(read("latin1.csv")).rejects.toThrow(/byte 9: expected UTF-8 .*latin1/);
    const table = await read("latin1.csv", { encoding: "latin1" });
    expect(table.toRows().map(({ stadt }) => stadt)).toEqual(["München", "Köln"]);
    expect(notes(table)).toContain("latin1");
  });

  it("in UTF-16 is known by its mark", async () => {
    expect((await read("utf16.csv")).toRows()).toEqual([
      { a: 1, y: 0 },
      { a: 2, y: 1 },
    ]);
  });

  it.each([
    ["empty.csv", /an empty file/],
    ["header-only.csv", /rows below the header, got none/],
  ])("%s is an error", async (name, message) => {
    await expect(read(name)).rejects.toThrow(message);
    await expect(read(name)).rejects.toBeInstanceOf(DataError);
  });
});
