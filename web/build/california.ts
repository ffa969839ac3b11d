import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import Papa from "papaparse";
import type { Plugin } from "vite";
import { BLOCK_COLUMNS, BLOCKS, BLOCKS_FILE } from "../src/playground/blocks.js";

const SOURCE = join(import.meta.dirname, "../../examples/data/california_housing.csv.gz");

type Row = Readonly<Record<string, string>>;

/** scikit-learn's form of the data set: averages per household, in place of totals. */
const COLUMNS: Readonly<Record<(typeof BLOCK_COLUMNS)[number], (row: Row) => number>> = {
  "median income": (row) => Number(row.median_income),
  "median age of houses": (row) => Number(row.housing_median_age),
  "rooms per household": (row) => Number(row.total_rooms) / Number(row.households),
  "bedrooms per household": (row) => Number(row.total_bedrooms) / Number(row.households),
  population: (row) => Number(row.population),
  "people per household": (row) => Number(row.population) / Number(row.households),
  latitude: (row) => Number(row.latitude),
  longitude: (row) => Number(row.longitude),
  "median value": (row) => Number(row.median_house_value) / 100_000,
};

/** California housing in a small form: every tenth block group or so, as float32, little endian. */
export function californiaFile(): Plugin {
  return {
    name: "california-file",
    apply: "build",
    generateBundle() {
      this.emitFile({ type: "asset", fileName: BLOCKS_FILE, source: californiaBytes() });
    },
  };
}

export function californiaBytes(): Uint8Array {
  const text = gunzipSync(readFileSync(SOURCE)).toString("utf8");
  const { data } = Papa.parse<Row>(text, { header: true, skipEmptyLines: true });
  const whole = data.filter((row) => row.total_bedrooms !== "");
  const bytes = new DataView(new ArrayBuffer(4 * BLOCKS * BLOCK_COLUMNS.length));
  for (let i = 0; i < BLOCKS; i++) {
    const row = whole[Math.floor((i * whole.length) / BLOCKS)] ?? {};
    BLOCK_COLUMNS.forEach((column, j) => {
      bytes.setFloat32(4 * (i * BLOCK_COLUMNS.length + j), COLUMNS[column](row), true);
    });
  }
  return new Uint8Array(bytes.buffer);
}
