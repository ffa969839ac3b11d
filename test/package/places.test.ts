// The quick ones of the places that `npm run test:everywhere` tries.
import { beforeAll, describe, expect, it } from "vitest";
import { Browsers } from "./places/browsers.js";
import { checkOutcome, type Expected, trainSources } from "./places/check.js";
import { bytesSaid } from "./places/docs-table.js";
import { install, openProject, pack } from "./places/installed.js";
import { places } from "./places/places.js";

describe("ten steps give the bits of the sources:", () => {
  const browsers = new Browsers();
  let tarball = "";
  let expected: Expected;

  beforeAll(async () => {
    tarball = await pack();
    expected = await trainSources();
    return () => browsers.close();
  }, 60_000);

  it.each(places.filter(({ quick }) => quick))("$name", { timeout: 300_000 }, async (place) => {
    const obstacle = await install(place.packages);
    if (obstacle !== undefined) {
      console.error(`${place.name} is SKIPPED: ${obstacle}`);
      return;
    }
    const outcome = await place.run(await openProject(place.packages, tarball, browsers));
    checkOutcome(place, outcome, expected);
    if (outcome.bytes === undefined) return;
    const said = await bytesSaid(place.name);
    expect(outcome.bytes / said, "npm run test:everywhere writes the sizes anew").toBeGreaterThan(0.95);
    expect(outcome.bytes / said, "npm run test:everywhere writes the sizes anew").toBeLessThan(1.05);
  });
});
