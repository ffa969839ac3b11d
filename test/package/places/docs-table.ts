// The table of places in docs/environments.md, between its two marks.
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../commands.js";
import type { Outcome, Place } from "./place.js";

const FILE = join(root, "docs/environments.md");
const MARKS = ["<!-- written by npm run test:everywhere -->", "<!-- end -->"] as const;
const HEAD = ["| place | what to write | threads | script, compressed |", "| --- | --- | --- | ---: |"];

/** What the last try of each place gave, by its name: a run of some places leaves the others' rows. */
const LAST = join(root, ".cache/places/last.json");

/** A row for each place, once each was tried. */
export async function writeTable(
  places: readonly Place[],
  tried: ReadonlyMap<Place, Outcome | undefined>,
): Promise<void> {
  const outcomes = await merge(tried);
  const text = await readFile(FILE, "utf8");
  const [before = "", rest = ""] = text.split(MARKS[0]);
  const after = rest.split(MARKS[1])[1] ?? "";
  if (places.some(({ name }) => !(name in outcomes))) return;
  const rows = places.map((place) => row(place, outcomes[place.name]));
  const table = [...HEAD, ...rows].join("\n");
  await writeFile(FILE, `${before}${MARKS[0]}\n\n${table}\n\n${MARKS[1]}${after}`);
}

/** The bytes of script that the table has for a place. */
export async function bytesSaid(name: string): Promise<number> {
  const rows = (await readFile(FILE, "utf8")).split("\n");
  const kilobytes = rows.find((row) => row.startsWith(`| ${name} |`))?.match(/(\d+) KB \|$/)?.[1];
  return Number(kilobytes) * 1000;
}

/** The bytes of script: null where a place has none, false where it failed. */
type Last = Record<string, number | null | false>;

async function merge(tried: ReadonlyMap<Place, Outcome | undefined>): Promise<Last> {
  const last: Last = existsSync(LAST) ? JSON.parse(await readFile(LAST, "utf8")) : {};
  for (const [{ name }, outcome] of tried)
    last[name] = outcome === undefined ? false : (outcome.bytes ?? null);
  await writeFile(LAST, JSON.stringify(last, null, 1));
  return last;
}

function row({ name, setUp, threads }: Place, last: Last[string] | undefined): string {
  const bytes = typeof last === "number" ? `${Math.round(last / 1000)} KB` : "";
  const tried = last === false ? `${name} (failed or not to be had here)` : name;
  return `| ${tried} | ${setUp === undefined ? "nothing" : `\`${setUp}\``} | ${threads} | ${bytes} |`;
}
