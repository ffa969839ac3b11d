// Files that are broken, or hold what no one expects: each gives the right values, or an error that says where, what was expected and
// what came.
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { DataError } from "layerwise";
import { describe, expect, it } from "vitest";
import { readCsv, readJsonLines, readParquet, type Table } from "../ts/index.js";

const bytes = (text: string) => new TextEncoder().encode(text);
const utf16 = (text: string) => new Uint8Array(Uint16Array.from(text, (c) => c.charCodeAt(0)).buffer);
const csv = (text: string) => readCsv(bytes(text));
const json = (text: string) => readJsonLines(bytes(text));
const file = (name: string) => fileURLToPath(new URL(`files/${name}`, import.meta.url));
const said = ({ notes }: Table) =>
  notes.map(({ column = "", message }) => `${column}: ${message}`).join("\n");
const cells = (table: Table, name: string) => table.toRows().map((row) => row[name]);

describe("a CSV file", () => {
  it.each([
    [
      "mixed line ends, within quotes too",
      'a,b\r\n"x\ry",1\n"p\r\nq",2\r"m\nn",3\n',
      ["x\ny", "p\nq", "m\nn"],
    ],
    ["sep= on its first line", "sep=;\na;b\n1;2\n3;4\n", [1, 3]],
    ["a name twice", "a,a,a_2\n1,2,3\n4,5,6\n", [1, 4]],
    ["one column of words", "a\nfoo bar\nbaz qux\nquux\n", ["foo bar", "baz qux", "quux"]],
    ["one column of two words each", "a\nfoo bar\nbaz qux\none two\n", ["foo bar", "baz qux", "one two"]],
    ["1e400", "a,b\n1e400,1\n2,2\n3,3\n4,4\n", [null, 2, 3, 4]],
    ["a delimiter at the end of rows alone", "a,b\n1,2,\n3,4,\n", [1, 3]],
  ])("with %s is read", async (_, text, expected) => {
    expect(cells(await csv(text), "a")).toEqual(expected);
  });

  it("of 10,000 columns is read", async () => {
    const names = Array.from({ length: 10_000 }, (_, i) => `c${i}`);
    const table = await csv(`${names.join()}\n${names.map((_, i) => i).join()}\n`);
    expect(table.names).toEqual(names);
    expect(table.row(0).c9999).toBe(9999);
  });

  it("with a cell longer than what is looked at first is read, whatever its delimiter", async () => {
    const long = `${"x, y\n".repeat(200_000)}z`;
    const table = await csv(`a;b\n1;"${long}"\n2;short\n`);
    expect(cells(table, "b")).toEqual([long, "short"]);
  });

  it.each([
    ["0x1F", "0xff"],
    ["1,234", "12,345"],
    ["1_000", "2_000"],
    ["1\u00a0234", "2\u00a0345"],
    ["\u22121", "\u22122"],
    ["10%", "20%"],
  ])("with amounts such as %s keeps them as texts, and says so", async (one, other) => {
    const table = await csv(`a,b\n"${one}",1\n"${other}",2\n`);
    expect(cells(table, "a")).toEqual([one, other]);
    expect(said(table)).toContain("a: text, though its values look like amounts");
  });

  it.each([
    ["2020-01-02", "03/04/2020", "2020/06/07"],
    ["13/04/2020", "04/13/2020", "01/01/2020"],
    ["2020-01-02", "2020-02-30", "2020-03-04"],
  ])("with dates in several forms, or that are none, keeps them as texts, and says so", async (...dates) => {
    const table = await csv(`a,b\n${dates.map((date, i) => `${date},${i}`).join("\n")}\n`);
    expect(cells(table, "a")).toEqual(dates);
    expect(said(table)).toContain("a: text, though values look like dates");
  });

  it.each<[string, Uint8Array, RegExp]>([
    ["NUL", bytes("a,b\n1,2\n3\0,4\n"), /line 3: expected text, got a NUL, as/],
    ["NUL far behind", bytes(`a,b\n${"1,2\n".repeat(60_000)}\0,4\n`), /line 60002: expected text, got a NUL/],
    [
      "UTF-16 without its mark",
      utf16("a,b\n1,x\n2,y\n"),
      /line 1: expected text, got a NUL at every other place \(encoding utf-16le/,
    ],
    [
      "UTF-16 that ends within a character",
      utf16("\ufeffa,b\n1,2\n").slice(0, -1),
      /whole characters of utf-16le/,
    ],
    [
      "a header that is longer than the rows",
      bytes("a,b,c,d\n1,2,3\n4,5,6\n"),
      /line 2: expected 4 cells, got 3/,
    ],
    ["half of gzip", gzipSync(`a,b\n${"1,2\n".repeat(3000)}`).subarray(0, -20), /a whole gzip file, got/],
    ["gzip of nothing", gzipSync(""), /an empty file/],
    ["blank lines alone", bytes("\n\n\n"), /an empty file/],
    ["a mark alone", bytes("\ufeff"), /an empty file/],
    ["a header alone", bytes("a,b"), /expected rows below the header, got none/],
    [
      "a line without an end",
      bytes(`a,b\n${"1".repeat(2 ** 25)}`),
      /line 2: expected a line's end within 16777216/,
    ],
    ["a quote that isn't closed", bytes('a,b\n1,"x\n2,y\n'), /line 2: expected a closing "/],
    [
      "such a quote in much text",
      bytes(`a,b\n1,"x\n${"2,y\n".repeat(100_000)}`),
      /line 2: expected a closing "/,
    ],
  ])("of %s is an error", async (_, given, message) => {
    await expect(readCsv(given)).rejects.toThrow(message);
    await expect(readCsv(given)).rejects.toBeInstanceOf(DataError);
  });
});

describe("JSON lines", () => {
  it("of mixed types are texts, said by the line of the first that is no number", async () => {
    const table = await json('{"a":1}\n{"a":"x"}\n{"a":true}\n{"b":2.5}\n');
    expect(cells(table, "a")).toEqual(["1", "x", "true", null]);
    expect(said(table)).toContain('a: text, since not all values are numbers: "x", "true", first on line 2');
  });

  it("keep integers that a float64 doesn't hold, but not within texts", async () => {
    const table = await json(
      '{"id":12345678901234567890,"t":"a 12345678901234567890 \\" b"}\n{"id":-9007199254740993,"t":"c"}',
    );
    expect(cells(table, "id")).toEqual(["12345678901234567890", "-9007199254740993"]);
    expect(cells(table, "t")[0]).toBe('a 12345678901234567890 " b');
    expect(cells(await json('[{"a":9007199254740991},{"a":1234567890123456789.5},{"a":2}]'), "a")).toEqual([
      9007199254740991, 1234567890123456800, 2,
    ]);
  });

  it("may be a list of more objects than a call takes arguments", async () => {
    const list = Array.from({ length: 130_000 }, (_, i) => `{"a":${i}}`);
    expect((await json(`[${list.join()}]`)).rows).toBe(130_000);
  });

  it.each([
    ['{"a":1}\n{"a":{"b":2}}\n', /the bytes, line 2, column a: expected a number, .*got an object/],
    ['{"a":1}\n\n{"a":[1,2]}\n', /line 3, column a: .*got an array of 2/],
    ['{"a":1}\n{"a":-1e400}\n', /line 2, column a: expected a finite number, got -Infinity/],
    ['[{"a":1},\n{"a":{}}]', /item 2, column a: /],
    ['{"a":1}\n{"a":2\n{"a":3}\n', /line 2: expected JSON, got/],
    ['{"a":1}\n5\n', /line 2: expected an object/],
    ['[{"a":1},{"a":2}', /line 1: expected JSON/],
    ["", /an empty file/],
  ])("%j is an error", async (text, message) => {
    await expect(json(text)).rejects.toThrow(message);
    await expect(json(text)).rejects.toBeInstanceOf(DataError);
  });

  it("leave out rows with an object in them where bad rows are skipped, and count them", async () => {
    const table = await readJsonLines(bytes('{"a":1}\n{"a":{}}\n{"a":3}\n'), { skipBadRows: true });
    expect(cells(table, "a")).toEqual([1, 3]);
    expect(table.skipped).toMatchObject({ rows: 1, first: [{ line: 2, reason: /line 2, column a/ }] });
  });
});

describe("Parquet", () => {
  it("of decimals, times in all forms, large integers and texts that it doesn't call so", async () => {
    const table = await readParquet(file("forms.parquet"));
    const time = new Date("2020-01-02T03:04:05.678Z");
    expect(table.row(0)).toEqual({
      decimal: 1.5,
      milliseconds: time,
      nanoseconds: time,
      zone: time,
      day: new Date("2020-01-02"),
      large: "9007199254740993",
      bytes: "one",
      half: 1.5,
    });
    expect(Object.values(table.row(1)).filter((value) => value !== null)).toEqual(["-1", "zwölf", 2]);
    expect(cells(await readParquet(file("int96.parquet")), "time")).toEqual([
      time,
      null,
      new Date("1969-12-31T23:59:59Z"),
    ]);
  });

  it.each([
    ["bytes.parquet", /bytes\.parquet, row 2, column x: expected a text in UTF-8/],
    ["infinite.parquet", /infinite\.parquet, row 3, column x: expected a finite number, got Infinity/],
    ["nested.parquet", /nested\.parquet, row 1, column list: expected a number, .*got an array of 2/],
  ])("%s is an error", async (name, message) => {
    await expect(readParquet(file(name))).rejects.toThrow(message);
    await expect(readParquet(file(name))).rejects.toBeInstanceOf(DataError);
  });
});
