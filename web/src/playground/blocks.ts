import { BlocksError } from "../failure.js";
import type { Place } from "./turn.js";

/** The file beside the page that has the block groups; web/build/california.ts makes it. */
export const BLOCKS_FILE = "california.bin";

/** Of each block group: numbers that a network is given, and the median value of its houses in $100,000. */
export const BLOCK_COLUMNS = [
  "median income",
  "median age of houses",
  "rooms per household",
  "bedrooms per household",
  "population",
  "people per household",
  "latitude",
  "longitude",
  "median value",
] as const;

/** Block groups in the file. */
export const BLOCKS = 2000;

/** All block groups, one after the other. */
export async function loadBlocks(): Promise<Float32Array> {
  try {
    const response = await fetch(new URL(BLOCKS_FILE, document.baseURI));
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    const bytes = await response.arrayBuffer();
    const expected = 4 * BLOCKS * BLOCK_COLUMNS.length;
    if (bytes.byteLength !== expected) throw new Error(`expected ${expected} bytes, got ${bytes.byteLength}`);
    return new Float32Array(bytes);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new BlocksError(`${BLOCKS_FILE}: ${detail}`);
  }
}

/** The middle of California, and how many units of the plane a degree of latitude takes. */
const MIDDLE = { latitude: 37.2, longitude: -119.4 };
const PER_DEGREE = 0.38;

/** What a degree of longitude is there, beside one of latitude. */
const COSINE = 0.8;

/** Where a block group lies on the plane. */
export function placeOf(latitude: number, longitude: number): Place {
  return {
    x: (longitude - MIDDLE.longitude) * COSINE * PER_DEGREE,
    y: (latitude - MIDDLE.latitude) * PER_DEGREE,
  };
}
