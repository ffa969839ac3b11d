// Dates with the month by name, times with zones and halves of the day: which day it is, and what stays a text.
import { expect, it } from "vitest";
import { fitPipeline, Pipeline, readCsv, tableFrom } from "../ts/index.js";

const read = (text: string) => readCsv(new TextEncoder().encode(text));
const day = new Date("2024-01-03");
const at = (clock: string) => new Date(`2024-01-03T${clock}Z`);

it.each<[string, Date]>([
  ["3 Jan 2024", day],
  ["03-Jan-24", day],
  ["3.january.2024", day],
  ["03JAN2024", day],
  ["3rd January 2024", day],
  ["Jan 3, 2024", day],
  ["Jan. 3rd, 2024", day],
  ["JANUARY 3 2024", day],
  ["Jan-03-24", day],
  ["2024-Jan-03", day],
  ["Wednesday, January 3, 2024", day],
  ["3 Sept 2024", new Date("2024-09-03")],
  ["January 2024", new Date("2024-01-01")],
  ["Jan '24", new Date("2024-01-01")],
  ["2024 Jan", new Date("2024-01-01")],
  ["31-Dec-68", new Date("2068-12-31")],
  ["1-Jan-69", new Date("1969-01-01")],
  ["29 Feb 2024", new Date("2024-02-29")],
  // The weekday is another one, and changes nothing.
  ["Mon, 03 Jan 2024 10:00:00 GMT", at("10:00")],
  ["Wed Jan 03 10:00:00 +0200 2024", at("08:00")],
  ["Wed Jan  3 10:00:00 PDT 2024", at("17:00")],
  ["Wed Jan 03 2024 10:00:00 GMT+0100 (Central European Standard Time)", at("09:00")],
  ["03JAN2024:10:00:00", at("10:00")],
  ["Jan 3, 2024, 12:05 AM", at("00:05")],
  ["Jan 3, 2024 at 12:05 p.m.", at("12:05")],
  ["2024-01-03 10:00:00 UTC", at("10:00")],
  ["2024-01-03 10:00:00.25+00", at("10:00:00.25")],
  ["2024-01-03 10:00:00-05", at("15:00")],
  ["13/01/2024 11:59 pm", new Date("2024-01-13T23:59Z")],
])("%s is a date", async (text, date) => {
  const table = await read(`d;y\n"${text}";1\n"${text}";2\n`);
  expect(table.column("d").type).toBe("date");
  expect(table.toRows()[0]?.d).toEqual(date);
});

it.each([
  ["months by themselves", ["May", "March", "June"], "category"],
  ["a month and a day or a year, which two digits don't tell", ["Jan-24", "May-17", "Jun-05"], "category"],
  ["a day and a time without a year", ["Dec 31 10:11:12", "Dec 31 23:59:59"], "text"],
  ["a day that there isn't", ["30 Feb 2024", "3 Jan 2024", "31 Jun 2024"], "text"],
  ["the thirteenth of twelve hours", ["3 Jan 2024 13:00 PM", "3 Jan 2024 0:30 AM"], "text"],
  ["a month by name and one by number", ["3 Jan 2024", "2024-01-04"], "text"],
  ["words that begin as months do", ["12 Monkeys 2001", "1 Mayor 2024", "3 Decisions 1999"], "text"],
  ["another language's", ["3 mai 2024", "4 janvier 2024", "5 août 2024"], "text"],
] as const)("%s stay texts", async (_, texts, type) => {
  const repeated = type === "category" ? [...texts, ...texts, ...texts] : texts;
  const table = await read(`d;y\n${repeated.map((text, i) => `"${text}";${i}`).join("\n")}\n`);
  expect(table.column("d").type).toBe(type);
  expect(table.toRows().map(({ d }) => d)).toEqual(repeated);
});

it("says what it took, years of two digits too, and a model's columns read the same later", async () => {
  const lines = Array.from({ length: 12 }, (_, i) => `${i + 1}-Mar-${98 + (i % 2)},${(i * 7) % 5}`);
  const table = await read(`d,y\n${lines.join("\n")}\n`);
  expect(table.notes.map(({ message }) => message).join()).toContain(
    'dates read as days with English names of months, years of two digits as 1969 to 2068: "1-Mar-98" is 1998-03-01',
  );
  expect((await read("d,y\nMay 2024,1\nJune 2024,2\n")).notes.map(({ message }) => message).join()).toContain(
    '"May 2024" is 2024-05-01',
  );
  const pipeline = Pipeline.fromJSON(JSON.parse(JSON.stringify(fitPipeline(table, { target: "y" }))));
  const later = await readCsv(
    new TextEncoder().encode("d\n5-Mar-98\nMarch 6 1999\n"),
    pipeline.readOptions(),
  );
  const same = tableFrom([{ d: "1998-03-05" }, { d: "1999-03-06" }], pipeline.readOptions());
  expect(pipeline.transform(later).x).toEqual(pipeline.transform(same).x);
  expect(pipeline.transform([{ d: "5 Mar 98" }, { d: "6 Mar 99" }]).x).toEqual(pipeline.transform(same).x);
});
