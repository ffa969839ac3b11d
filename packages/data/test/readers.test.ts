// What may come where a reader is asked, and the forms in which a file may come.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { ConfigError, DataError, StorageError } from "layerwise";
import { afterAll, describe, expect, it } from "vitest";
import {
  type CsvOptions,
  readCsv,
  readCsvChunks,
  readJsonLines,
  readJsonLinesChunks,
  type Table,
  tableFrom,
} from "../ts/index.js";

const folder = mkdtempSync(join(tmpdir(), "layerwise-data-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const bytes = (text: string) => new TextEncoder().encode(text);
const read = (text: string, options?: CsvOptions) => readCsv(bytes(text), options);
const rows = (table: Table) => table.toRows().map((row) => Object.values(row));
const said = (table: Table) =>
  table.notes.map(({ column = "", message }) => `${column}: ${message}`).join("\n");

describe("a source", () => {
  const text = "a,b\n1,x\n2,y\n";
  const expected = [
    [1, "x"],
    [2, "y"],
  ];
  const path = join(folder, "a.csv");
  writeFileSync(path, text);
  writeFileSync(join(folder, "a.csv.gz"), gzipSync(text));

  it.each<[string, () => Parameters<typeof readCsv>[0]]>([
    ["a path", () => path],
    ["a file: URL", () => pathToFileURL(path)],
    ["a data: URL", () => `data:text/csv,${encodeURIComponent(text)}`],
    ["bytes", () => bytes(text)],
    ["an ArrayBuffer", () => bytes(text).buffer],
    ["a Blob", () => new Blob([text])],
    ["a ReadableStream", () => new Blob([text]).stream()],
    ["packed bytes", () => new Uint8Array(gzipSync(text))],
    ["a packed file", () => join(folder, "a.csv.gz")],
    [
      "bytes one by one",
      async function* () {
        for (const byte of bytes(text)) yield Uint8Array.of(byte);
      },
    ],
    [
      "packed bytes one by one",
      async function* () {
        for (const byte of gzipSync(text)) yield Uint8Array.of(byte);
      },
    ],
  ])("may be %s", async (_, source) => {
    expect(rows(await readCsv(source()))).toEqual(expected);
  });

  it("may be several files of the same columns, in a list or by a pattern", async () => {
    writeFileSync(join(folder, "part-1.csv"), "a,b\n1,x\n");
    writeFileSync(join(folder, "part-2.csv"), "a,b\n2,y\n");
    expect(rows(await readCsv(join(folder, "part-*.csv")))).toEqual(expected);
    expect(rows(await readCsv([join(folder, "part-1.csv"), join(folder, "part-2.csv")]))).toEqual(expected);
    writeFileSync(join(folder, "part-3.csv"), "b,a\nx,1\n");
    await expect(readCsv(join(folder, "part-?.csv"))).rejects.toThrow(
      /part-3\.csv: expected the first file's columns: "a", "b"/,
    );
    await expect(readCsv(join(folder, "none-*.csv"))).rejects.toBeInstanceOf(StorageError);
    await expect(readCsv([])).rejects.toBeInstanceOf(ConfigError);
  });

  it("that isn't there, or is something else, is an error that says so", async () => {
    await expect(readCsv(join(folder, "no.csv"))).rejects.toThrow(
      /no\.csv: expected a file that can be read, got none there/,
    );
    await expect(readCsv(folder)).rejects.toThrow(/a folder/);
    await expect(readCsv(bytes("PAR1...."))).rejects.toThrow(/Parquet file: readParquet/);
    await expect(readCsv(bytes("PK\u0003\u0004...."))).rejects.toThrow(/zip archive, or a spreadsheet/);
    await expect(readCsv(bytes("<!DOCTYPE html><p>"))).rejects.toThrow(/HTML page/);
    await expect(readCsv(bytes("a,b\n1,\0\n"))).rejects.toThrow(/NUL/);
    await expect(readCsv(new Uint8Array(gzipSync(text)).subarray(0, 20))).rejects.toThrow(
      /a whole gzip file/,
    );
    for (const nothing of ["", "\ufeff", "\n \n", "\r\n"])
      await expect(read(nothing)).rejects.toThrow(/empty file/);
  });
});

describe("cells", () => {
  it.each([
    ["comma", "a,b\n1,x\n", {}],
    ["semicolon", "a;b\n1;x\n", {}],
    ["tab", "a\tb\n1\tx\n", {}],
    ["pipe", "a|b\n1|x\n", {}],
    ["blanks", "a   b\n 1 x\n", {}],
    ["another, given", "a~b\n1~x\n", { delimiter: "~" }],
    ["comma and blank before quotes", 'a, "b"\n1, "x"\n', {}],
    ["CR alone", "a,b\r1,x\r", {}],
    ["no line's end behind the last row", "a,b\n1,x", {}],
    ["single quotes", "'a','b'\n'1','x'\n", {}],
    ["comments in the midst", "# one\na,b\n# two\n1,x\n", {}],
    ["comments, given", "a,b\n;1,2,3\n1,x\n", { comment: ";" }],
    ["lines to skip", "made by a program\n\na,b\n1,x\n", { skipLines: 2 }],
    ["empty lines", "\na,b\n\n1,x\n\n\n", {}],
    ["quotes that stand twice", 'a,b\n1,"x"\n', {}],
    ["names that are given", "1,x\n", { header: ["a", "b"] }],
  ] satisfies [string, string, CsvOptions][])("are told apart: %s", async (_, text, options) => {
    const table = await read(text, options);
    expect(table.toRows()).toEqual([{ a: 1, b: "x" }]);
  });

  it.each([
    [".5", 0.5],
    ["3504.", 3504],
    ["-2", -2],
    ["+7", 7],
    ["1e3", 1000],
    ["2E-2", 0.02],
    ["0", 0],
    ["0.0", 0],
    ["-0", -0],
    ["9007199254740991", 9007199254740991],
  ])("%s is a number", async (text, value) => {
    const column = (await read(`a,b\n${text},x\n${text},y\n`)).column("a");
    expect([column.type, "values" in column && column.values[0]]).toEqual(["number", value]);
  });

  it.each([
    "007",
    "-01",
    "9007199254740993",
    "1,5",
    "0x10",
    "1e999",
    "Infinity",
    "1 000",
    "12%",
    "1.2.3",
    "--1",
    "1_000",
  ])("%s is text, and stays as it is", async (text) => {
    const column = (await read(`a;b\n${text};x\n${text};y\n1;z\n`, { decimal: ".", delimiter: ";" })).column(
      "a",
    );
    expect(column.type).toBe("category");
    expect("levels" in column && column.levels[0]).toBe(text);
  });

  it("with a decimal comma are numbers where others show that it is none of thousands", async () => {
    expect(rows(await read("a;b\n1,5;x\n2,25;y\n"))).toEqual([
      [1.5, "x"],
      [2.25, "y"],
    ]);
    expect((await read('a,b\n"3,000",x\n"4,000",y\n')).column("a").type).not.toBe("number");
    expect(rows(await read('a,b\n"3,5",x\n"4,25",y\n'))).toEqual([
      [3.5, "x"],
      [4.25, "y"],
    ]);
    expect((await read("a;b\n1.5;x\n2,25;y\n")).column("a").type).not.toBe("number");
  });

  it("of few digits are the nearest float64, as Number has it", async () => {
    const random = (i: number) => {
      const digits = String((i * 7919 * 104729) % 10 ** (1 + (i % 15))).replace(/^0(?=.)/, "1");
      const point = 1 + (i % digits.length);
      return `${i % 3 === 0 ? "-" : ""}${digits.slice(0, point)}.${digits.slice(point)}`;
    };
    const edges = [
      "0",
      "-0",
      "-0.0",
      "0.1",
      "5.",
      ".5",
      "-.5",
      "+3",
      "1e3",
      "123456789012345",
      "99999999999999.9",
    ];
    const texts = [...edges, "1234567890123456", ...Array.from({ length: 2000 }, (_, i) => random(i))].filter(
      (text) => !/^-?0\d/.test(text),
    );
    const [values] = (await read(`x,y\n${texts.map((text) => `${text},a`).join("\n")}\n`)).columns;
    expect(values?.type === "number" && Array.from(values.values)).toEqual(texts.map(Number));
    const commas = `x;y\n${texts.map((text) => `${text.replace(".", ",")};a`).join("\n")}\n`;
    const [other] = (await read(commas, { delimiter: ";", decimal: "," })).columns;
    expect(other?.type === "number" && Array.from(other.values)).toEqual(texts.map(Number));
  });

  it("of columns that aren't asked for aren't looked at", async () => {
    const text = 'a,b,c\n1,x,2\n3,"y,z",oops\n';
    const table = await read(text, { only: ["b", "a"], types: { a: "number" } });
    expect(table.names).toEqual(["a", "b"]);
    expect(rows(table)).toEqual([
      [1, "x"],
      [3, "y,z"],
    ]);
    await expect(read(text, { only: ["a", "bb"] })).rejects.toThrow('"b" (did you mean it?)');
  });

  it("that are missing, by the usual marks and by given ones", async () => {
    const text = `a\n${["1", "?", "NA", "N/A", "NaN", "null", " ", "2"].map((cell) => `"${cell}"`).join("\n")}\n`;
    const table = await read(text);
    expect(table.rows).toBe(7);
    expect(table.column("a").type).toBe("number");
    expect(
      (await read("a,b\n-200,x\n-200.0,y\n3,z\n", { missing: ["-200"] })).toRows().map(({ a }) => a),
    ).toEqual([null, null, 3]);
    const one = await read("a,b\n-1,-1\n2,2\n", { columnMissing: { a: ["-1"] } });
    expect(rows(one)).toEqual([
      [null, -1],
      [2, 2],
    ]);
  });

  it("are true or false, or dates", async () => {
    const table = await read(
      "t,d,e,f,g\nTRUE,2024-02-29,31/12/2023,12/31/2023,2024-01-01T10:30:00+02:00\nfalse,2020/1/5,01/02/2020,01/02/2020,2024-01-01 00:00\n",
    );
    expect(rows(table)).toEqual([
      [
        true,
        new Date("2024-02-29"),
        new Date("2023-12-31"),
        new Date("2023-12-31"),
        new Date("2024-01-01T08:30:00Z"),
      ],
      [false, new Date("2020-01-05"), new Date("2020-02-01"), new Date("2020-01-02"), new Date("2024-01-01")],
    ]);
    expect((await read("d\n30/02/2024\n13/13/2024\n")).column("d").type).toBe("text");
  });

  it("of a type that is given are of it, or an error names file, line, column, expected and got", async () => {
    expect((await read("zip\n01234\n00501\n", { types: { zip: "number" } })).toRows()).toEqual([
      { zip: 1234 },
      { zip: 501 },
    ]);
    const bad = "a,b\n1,x\n\noops,y\n3,z\n";
    await expect(read(bad, { types: { a: "number" } })).rejects.toThrow(
      /the bytes, line 4, column a: expected a number, got "oops"/,
    );
    const table = await read(bad, { types: { a: "number" }, skipBadRows: true });
    expect([rows(table), table.skipped.rows]).toEqual([
      [
        [1, "x"],
        [3, "z"],
      ],
      1,
    ]);
    await expect(read(bad, { types: { A: "number" } })).rejects.toThrow(/did you mean/);
  });

  it("behind the rows that types are found out by must fit", async () => {
    const many = Array.from({ length: 50 }, (_, i) => `${i},x`).join("\n");
    const options = { sampleRows: 20 };
    const few = await read(`a,b\n${many}\noops,y\n`, options);
    expect(few.row(50)).toEqual({ a: null, b: "y" });
    expect(said(few)).toMatch(/a: 1 value that are no number \("oops", first on line 52\)/);
    await expect(read(`a,b\n${many}\n007,y\n`, options)).rejects.toThrow(
      /line 52, column a: expected a number, as in the rows above/,
    );
  });

  it("with a quote that is never closed are an error with the line where it begins", async () => {
    await expect(read('a,b\n1,x\n2,"y\n3,z\n')).rejects.toThrow(/line 3: expected a closing "/);
    await expect(read('a,b\n1,"x"y,\n')).rejects.toThrow(/line 2: expected a delimiter/);
  });
});

describe("a header", () => {
  it.each([
    ["texts above numbers", "a,b\n1,2\n", {}, ["a", "b"]],
    ["texts alone, other than those below", "name,city\nAnn,Rome\nBob,Rome\n", {}, ["name", "city"]],
    ["none: numbers", "1,2\n3,4\n", {}, ["column1", "column2"]],
    ["none: texts that are there again", "Ann,Rome\nAnn,Paris\n", {}, ["column1", "column2"]],
    ["none, given", "a,b\n1,2\n", { header: false }, ["column1", "column2"]],
    ["numbers, given", "2019,2020\n1,2\n", { header: true }, ["2019", "2020"]],
    ["years", "country,2019,2020\nDE,5,6\nFR,7,8\n", {}, ["country", "2019", "2020"]],
    ["R's names of rows", "a b\nr1 1 2\nr2 3 4\n", {}, ["row", "a", "b"]],
    ["rows that end in a delimiter", "a,b\n1,2,\n3,4,\n", {}, ["a", "b"]],
    ["scikit-learn's counts", "2,1,yes,no\n1,0\n2,1\n", {}, ["column1", "column2"]],
  ] satisfies [string, string, CsvOptions, string[]][])("%s", async (_, text, options, names) => {
    expect((await read(text, options)).names).toEqual(names);
  });
});

describe("what can't be read as it stands", () => {
  it("is said: a title above the table, amounts with signs", async () => {
    const title = "Report of 2020\n\na,b,c\n1,2,3\n4,5,6\n";
    await expect(read(title)).rejects.toThrow(/line 1: expected 3 cells, as most rows have \(skipLines: 2 /);
    expect((await read(title, { skipLines: 2 })).rows).toBe(2);
    expect(said(await read("p,y\n$5,1\n$6,0\n"))).toContain(
      'p: text, though its values look like amounts ("$5", "$6")',
    );
  });
});

describe("amounts", () => {
  it.each<[string[], CsvOptions, number[]]>([
    [["$1,234.50", "$5", "-$6"], {}, [1234.5, 5, -6]],
    [["61.7%", "62 %", "\u22121%"], {}, [61.7, 62, -1]],
    [["1,234", "12", "1,234,567"], {}, [1234, 12, 1234567]],
    [["1.234,50 \u20ac", "0,5", "7"], { decimal: "," }, [1234.5, 0.5, 7]],
    [["1\u202f234", "2'345", "3_456"], {}, [1234, 2345, 3456]],
  ])("%j are numbers where the type is said, and how is said too", async (amounts, options, expected) => {
    const text = `a,b\n${amounts.map((one, i) => `"${one}",${i}`).join("\n")}\n`;
    const table = await read(text, { delimiter: ",", types: { a: "number" }, ...options });
    expect(table.toRows().map(({ a }) => a)).toEqual(expected);
    expect(said(table)).toMatch(/a: amounts read as numbers, ".*" as -?\d/);
  });

  it.each(["12,34", "1,2345", "1,234.5,6", "--5", "-$-5", "$", "%", "5 kg", "1,234'567", ",123"])(
    "%s is none",
    async (text) => {
      await expect(read(`a,b\n"${text}",1\n`, { types: { a: "number" }, decimal: "." })).rejects.toThrow(
        /expected a number/,
      );
    },
  );

  it("are numbers where a model's columns were, but for those that could be read in two ways", async () => {
    const schema = { a: { type: "number" } } as const;
    const certain = await read('a,b\n"$1,234",1\n61.700%,2\n"1,234,567",3\n"1,234.5",4\n', {
      schema,
      only: ["a"],
    });
    expect(certain.toRows().map(({ a }) => a)).toEqual([1234, 61.7, 1234567, 1234.5]);
    await expect(read('a,b\n"1,234 €",1\n', { schema, only: ["a"] })).rejects.toThrow(/expected a number/);
    await expect(read('a,b\n"1,234",1\n', { schema })).rejects.toThrow(/expected a number/);
  });
});

describe("a large file", () => {
  async function* large(count: number) {
    yield bytes("id,x,kind\n");
    for (let i = 0; i < count; i++) yield bytes(`r${i},${i / 8},${"abc"[i % 3]}\n`);
  }

  it("comes in tables of some rows, with progress", async () => {
    const progress: number[] = [];
    const sizes: number[] = [];
    const onProgress = ({ rows }: { rows: number }) => progress.push(rows);
    for await (const table of readCsvChunks(large(1000), { chunkRows: 300, onProgress })) {
      sizes.push(table.rows);
      expect(table.columns.map(({ type }) => type)).toEqual(["text", "number", "category"]);
    }
    expect(sizes).toEqual([300, 300, 300, 100]);
    expect(progress.at(-1)).toBe(1000);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
  });

  it("of JSON lines too, read as far as is asked for, with one schema from beginning to end", async () => {
    let given = 0;
    async function* lines() {
      for (; given < 1e6; given++)
        yield bytes(`${JSON.stringify({ id: given, x: `${given / 8}`, extra: {} })}\n`);
    }
    const sizes: number[] = [];
    const schema = { x: { type: "number" }, id: { type: "category" } } as const;
    for await (const table of readJsonLinesChunks(lines(), {
      chunkRows: 300,
      maxRows: 1000,
      only: ["id", "x"],
      schema,
    })) {
      sizes.push(table.rows);
      expect(table.columns.map(({ type }) => type)).toEqual(["category", "number"]);
    }
    expect(sizes).toEqual([300, 300, 300, 100]);
    expect(given).toBeLessThan(1100);
    const later = readJsonLinesChunks(bytes('{"a":1}\n{"a":2,"b":3}\n'), { chunkRows: 1 });
    await later.next();
    await expect(later.next()).rejects.toThrow(/line 2, column b: expected a column of the first rows/);
    const misspelt = readJsonLinesChunks(bytes('{"age":1}\n'), { only: ["aeg"] });
    await expect(misspelt.next()).rejects.toThrow(/"age" \(did you mean it\?\)/);
  });

  it("is read no further than asked", async () => {
    let given = 0;
    async function* endless() {
      yield bytes("a,b\n");
      for (; ; given++) yield bytes(`${given},x\n`.repeat(10_000));
    }
    const table = await readCsv(endless(), { maxRows: 100 });
    expect(table.rows).toBe(100);
    expect(given).toBeLessThan(20);
  });
});

describe("rows as objects", () => {
  it("have the types of their values, and texts are read as a CSV file's", () => {
    const table = tableFrom([
      { a: 1, b: "x", c: true, d: new Date("2024-01-01"), e: "007", f: 10n },
      { a: null, b: "?", c: false, d: null, e: "008", f: 11n, g: 5 },
    ]);
    expect(table.toRows()).toEqual([
      { a: 1, b: "x", c: true, d: new Date("2024-01-01"), e: "007", f: 10, g: null },
      { a: null, b: null, c: false, d: null, e: "008", f: 11, g: 5 },
    ]);
  });

  it("keep large numbers and −0", () => {
    const table = tableFrom([{ a: 1e20 }, { a: -0 }, { a: 2 ** 53 }]);
    expect(table.toRows().map(({ a }) => a)).toEqual([1e20, -0, 2 ** 53]);
  });

  it.each([
    [[{ a: {} }], /rows\[0\]\.a: expected a number, a text/],
    [[{ a: 1 }, 5], /rows\[1\]: expected an object/],
    [[{ a: Number.POSITIVE_INFINITY }], /a finite number/],
    [[], /at least one row/],
  ])("%j is an error with its place", (given, message) => {
    expect(() => tableFrom(given as never)).toThrow(message);
  });

  it("come as JSON lines or as a list", async () => {
    const expected = [
      { a: 1, b: "x" },
      { a: 2, b: null },
    ];
    for (const text of ['{"a":1,"b":"x"}\n\n{"a":2}\r\n', '[\n{"a":1,"b":"x"},\n{"a":2}]']) {
      expect((await readJsonLines(bytes(text))).toRows()).toEqual(expected);
    }
    await expect(readJsonLines(bytes('{"a":1}\n{"a":\n'))).rejects.toThrow(/line 2: expected JSON/);
    await expect(readJsonLines(bytes('{"a":[1]}\n'))).rejects.toBeInstanceOf(DataError);
    const table = await readJsonLines(bytes('{"a":1}\noops\n'), { skipBadRows: true });
    expect([table.rows, said(table)]).toEqual([
      1,
      expect.stringMatching(/1 bad row skipped.*line 2: expected JSON/),
    ]);
    expect(table.skipped.rows).toBe(1);
  });
});

describe("options", () => {
  it.each([
    [{ delimeter: ";" }, /delimiter \(did you mean it\?\)/],
    [{ encoding: "utf8" }, /encoding/],
    [{ types: { a: "int" } }, /types\.a/],
    [{ header: "yes" }, /header/],
    [{ missing: "?" }, /missing/],
    [{ maxRows: 0 }, /maxRows/],
    [{ quote: "''" }, /quote/],
    [{ delimiter: "" }, /delimiter/],
    [{ comment: "" }, /comment/],
  ])("%j is a ConfigError", async (options, message) => {
    await expect(read("a\n1\n", options as CsvOptions)).rejects.toThrow(message);
    await expect(read("a\n1\n", options as CsvOptions)).rejects.toBeInstanceOf(ConfigError);
  });
});
