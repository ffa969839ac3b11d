import type { Outcome, Place } from "./place.js";
export async function writeTable(_outcomes: ReadonlyMap<Place, Outcome>): Promise<void> {}
