// The table of places in docs/environments.md, between its two marks.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../commands.js";
import type { Outcome, Place } from "./place.js";

const FILE = join(root, "docs/environments.md");
const MARKS = ["<!-- written by npm run test:everywhere -->", "<!-- end -->"] as const;
const HEAD = ["| place | what to write | threads | script, compressed |", "| --- | --- | --- | ---: |"];

/** A row for each place, those too that could not be tried. */
export async function writeTable(
  places: readonly Place[],
  outcomes: ReadonlyMap<Place, Outcome>,
): Promise<void> {
  const text = await readFile(FILE, "utf8");
  const [before = "", rest = ""] = text.split(MARKS[0]);
  const after = rest.split(MARKS[1])[1] ?? "";
  const rows = places.map((place) => row(place, outcomes.get(place)));
  const table = [...HEAD, ...rows].join("\n");
  await writeFile(FILE, `${before}${MARKS[0]}\n\n${table}\n\n${MARKS[1]}${after}`);
}

function row({ name, setUp, threads }: Place, outcome: Outcome | undefined): string {
  const bytes = outcome?.bytes === undefined ? "" : `${Math.round(outcome.bytes / 1000)} KB`;
  const tried = outcome === undefined ? `${name} (not tried)` : name;
  return `| ${tried} | ${setUp === undefined ? "nothing" : `\`${setUp}\``} | ${threads} | ${bytes} |`;
}
