// By what programs find out whether they share a store.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StorageError } from "layerwise";
import { expect, it } from "vitest";
import { identityOf, ON_SERVER } from "../ts/store/identity.js";

it("is a folder's own, and the same for everybody", async () => {
  const folder = mkdtempSync(join(tmpdir(), "layerwise-identity-"));
  try {
    const places = ["a/store", "a/store", "b"].map((name) => identityOf(join(folder, name)));
    const [first, again, other] = await Promise.all(places);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
    expect(await identityOf(undefined)).toBe(ON_SERVER);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it.runIf(process.platform === "linux")("of a folder that can't be made is an error at once", async () => {
  await expect(identityOf("/proc/nowhere/store")).rejects.toThrow(StorageError);
  await expect(identityOf("/proc/nowhere/store")).rejects.toThrow("a folder that can be written to");
});
