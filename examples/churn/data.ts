import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import Papa from "papaparse";

/** Customers, a row of numbers each, and whether they left: 1. */
export interface Customers {
  readonly x: number[][];
  readonly left: number[];
}

export interface Churn {
  readonly train: Customers;
  readonly test: Customers;
  /** The names of x's columns. */
  readonly columns: readonly string[];
}

type Row = Readonly<Record<string, string>>;

/** Columns that hold numbers; all others hold names. */
const NUMBERS = ["SeniorCitizen", "tenure", "MonthlyCharges", "TotalCharges"];

/** What is no property of a customer, and what is asked. */
const ID = "customerID";
const ANSWER = "Churn";

/** Every fifth customer is kept back for the test. */
const TESTED = 5;

/** Reads data/telco_churn.csv.gz: numbers as they are, names one-hot, a column for each name that there is. */
export function readChurn(): Churn {
  const file = new URL("../data/telco_churn.csv.gz", import.meta.url);
  const text = gunzipSync(readFileSync(file))
    .toString("utf8")
    .replace(/^\uFEFF/, "");
  const rows = Papa.parse<Row>(text, { header: true, skipEmptyLines: true }).data;
  const names = Object.keys(rows[0] ?? {}).filter((name) => ![ID, ANSWER, ...NUMBERS].includes(name));
  const oneHot = names.flatMap((name) => {
    const values = [...new Set(rows.map((row) => row[name] ?? ""))].sort();
    return values.map((value) => ({
      title: `${name}: ${value}`,
      of: (row: Row) => Number(row[name] === value),
    }));
  });
  // A blank total is that of customers who have paid nothing yet: Number(" ") is 0.
  const numbers = NUMBERS.map((name) => ({ title: name, of: (row: Row) => Number(row[name]) }));
  const columns = [...numbers, ...oneHot];
  const customers = rows.map((row) => ({
    x: columns.map(({ of }) => of(row)),
    left: Number(row[ANSWER] === "Yes"),
  }));
  const part = (isTested: boolean): Customers => {
    const chosen = customers.filter((_, i) => (i % TESTED === 0) === isTested);
    return { x: chosen.map(({ x }) => x), left: chosen.map(({ left }) => left) };
  };
  return { train: part(false), test: part(true), columns: columns.map(({ title }) => title) };
}
