// npm run test:everywhere [-- words of names]: ten training steps in every place, one after the other. Each must give
// the bits of the sources. Their rows in docs/environments.md are written anew.
import { Browsers } from "./places/browsers.js";
import { checkOutcome, trainSources } from "./places/check.js";
import { writeTable } from "./places/docs-table.js";
import { install, openProject, pack } from "./places/installed.js";
import { natives } from "./places/natives.js";
import { NotHere, type Outcome, type Place } from "./places/place.js";
import { places } from "./places/places.js";

const words = process.argv.slice(2);
const chosen = [...places, ...natives].filter(({ name }) =>
  words.every((word) => name.toLowerCase().includes(word.toLowerCase())),
);
const expected = await trainSources(); // By the native engine where it is, which has fast math in every Node.
const tarball = await pack();
const outcomes = new Map<Place, Outcome | undefined>();
const failed: string[] = [];
const skipped: string[] = [];
const browsers = new Browsers();

async function attempt(place: Place): Promise<string> {
  outcomes.set(place, undefined);
  const obstacle = await install(place.packages);
  if (obstacle !== undefined) {
    skipped.push(place.name);
    return `SKIPPED: ${obstacle}`;
  }
  try {
    const outcome = await place.run(await openProject(place.packages, tarball, browsers));
    checkOutcome(place, outcome, expected);
    outcomes.set(place, outcome);
    const trained = new Set(outcome.trained.map(({ numbers, threads }) => `${numbers} on ${threads}`));
    return `${[...trained].join(", ")}${outcome.bytes === undefined ? "" : `, ${outcome.bytes} bytes`}`;
  } catch (error) {
    if (error instanceof NotHere) {
      skipped.push(place.name);
      outcomes.delete(place);
      return `SKIPPED: ${error.message}`;
    }
    failed.push(place.name);
    return `FAILED: ${error instanceof Error ? error.message : String(error)}`;
  }
}

for (const place of chosen) {
  const start = performance.now();
  const said = await attempt(place);
  await writeTable(places, outcomes); // After each: a run that is ended loses none.
  console.log(`${place.name}: ${said} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
}
await browsers.close();
if (skipped.length > 0) console.log(`SKIPPED, since they can't be installed here: ${skipped.join("; ")}`);
if (failed.length > 0) console.log(`FAILED: ${failed.join("; ")}`);
console.log(`${outcomes.size - failed.length} passed, ${failed.length} failed, ${skipped.length} skipped`);
process.exitCode = failed.length > 0 ? 1 : 0;
