import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { miniBatches } from "layerwise";
import Papa from "papaparse";

/** Block groups, each with what is known of it and the median value of its houses in dollars. */
export interface Blocks {
  readonly x: number[][];
  readonly dollars: number[];
}

export interface California {
  readonly train: Blocks;
  readonly test: Blocks;
  /** The names of x's columns. */
  readonly columns: readonly string[];
}

/** A line of the file. */
export type Row = Readonly<Record<string, string>>;

const PLACES = ["<1H OCEAN", "INLAND", "ISLAND", "NEAR BAY", "NEAR OCEAN"];

/** Columns of x: totals are of no use beside a block group's size, so they become shares of it. */
const COLUMNS: Readonly<Record<string, (row: Row) => number>> = {
  longitude: (row) => Number(row.longitude),
  latitude: (row) => Number(row.latitude),
  "median age of houses": (row) => Number(row.housing_median_age),
  "median income": (row) => Number(row.median_income),
  "log rooms per household": (row) => Math.log(Number(row.total_rooms) / Number(row.households)),
  "log people per household": (row) => Math.log(Number(row.population) / Number(row.households)),
  "log population": (row) => Math.log(Number(row.population)),
  ...Object.fromEntries(PLACES.map((place) => [place, (row: Row) => Number(row.ocean_proximity === place)])),
};

/** One block group of five is kept back for the test. */
const TEST_SHARE = 0.2;

/** The lines of data/california_housing.csv.gz. */
export function readRows(): Row[] {
  const file = new URL("../data/california_housing.csv.gz", import.meta.url);
  const text = gunzipSync(readFileSync(file)).toString("utf8");
  return Papa.parse<Row>(text, { header: true, skipEmptyLines: true }).data;
}

/** The block groups, split by the seed. */
export async function readCalifornia(seed: number): Promise<California> {
  const blocks = readRows().map((row) => ({
    x: Object.values(COLUMNS).map((column) => column(row)),
    dollars: Number(row.median_house_value),
  }));
  const order = await shuffled(blocks.length, seed);
  const count = Math.round(TEST_SHARE * blocks.length);
  const part = (indices: readonly number[]): Blocks => {
    const chosen = indices.flatMap((i) => blocks[i] ?? []);
    return { x: chosen.map(({ x }) => x), dollars: chosen.map(({ dollars }) => dollars) };
  };
  return {
    train: part(order.slice(count)),
    test: part(order.slice(0, count)),
    columns: Object.keys(COLUMNS),
  };
}

/** 0 … count − 1 in an order that follows from the seed, that of the mini-batches of the numbers themselves. */
export async function shuffled(count: number, seed: number): Promise<number[]> {
  const indices = Array.from({ length: count }, (_, i) => [i]);
  const batches = await miniBatches(indices, new Uint8Array(count), { batchSize: 64, seed });
  return batches.flatMap(({ x }) => Array.from(x.data));
}
