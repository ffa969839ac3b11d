// The quick ones of the places that `npm run test:everywhere` tries.
import { beforeAll, describe, expect, it } from "vitest";
import * as layerwise from "../../ts/index.js";
import { Browsers } from "./places/browsers.js";
import { install, openProject, pack } from "./places/installed.js";
import { places } from "./places/places.js";
import { type Trained, train } from "./train.js";

describe("ten steps give the bits of the sources:", () => {
  const browsers = new Browsers();
  let tarball = "";
  let expected: Trained;

  beforeAll(async () => {
    tarball = await pack();
    expected = await train(layerwise, 1);
    return () => browsers.close();
  }, 60_000);

  it.each(places.filter(({ quick }) => quick))("$name", { timeout: 300_000 }, async (place) => {
    const obstacle = await install(place.packages);
    if (obstacle !== undefined) {
      console.error(`${place.name} is SKIPPED: ${obstacle}`);
      return;
    }
    const { trained } = await place.run(await openProject(place.packages, tarball, browsers));
    expect(trained.length).toBeGreaterThan(0);
    for (const { loss, predictions } of trained) {
      expect({ loss, predictions }).toEqual({ loss: expected.loss, predictions: expected.predictions });
    }
  });
});
