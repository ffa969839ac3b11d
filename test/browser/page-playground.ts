import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { makeDataSet } from "../../web/src/playground/data-set.js";
import { Session } from "../../web/src/playground/session.js";
import { readSettings } from "../../web/src/playground/settings.js";
import { epoch, fingerprint, type Open, statusIs } from "./page-driver.js";

export function playgroundTests(open: Open): void {
  test("starts, pauses, steps and resets", async () => {
    const page = await open("#seed=3");
    const untrained = await fingerprint(page);
    await page.getByRole("button", { name: "Start" }).click();
    await page.waitForFunction(() => Number(document.getElementById("epoch")?.textContent) > 5);
    expect(await page.textContent("#speed")).toMatch(/^\d+(\.\d+)?( [kMB])?$/);
    await page.getByRole("button", { name: "Pause" }).click();
    await statusIs(page, /^Paused after/);
    const paused = await epoch(page);
    await page.waitForTimeout(300);
    expect(await epoch(page)).toBe(paused);
    await page.getByRole("button", { name: "Step" }).click();
    await statusIs(page, new RegExp(`^Paused after ${paused + 1} epochs`));
    expect(await page.textContent("#train-score")).toMatch(/^\d+\.\d %$/);
    expect(await page.textContent("#test-loss")).toMatch(/^\d/);
    await page.getByRole("button", { name: "Reset" }).click();
    await statusIs(page, /^Ready/);
    await page.waitForFunction(
      (first) => document.getElementById("fingerprint")?.textContent === first,
      untrained,
    );
    expect(await epoch(page)).toBe(0);
  });

  test("a run is the same to the bit: stepped, in one go, from its link, and in Node", async () => {
    const hash = "#data=moons&noise=0.2&hiddenLayers=7,5&batchSize=17&l2=0.3&keepProb=0.8&seed=42&epochs=4";
    const stepped = await open(hash);
    for (let i = 1; i <= 4; i++) {
      await stepped.getByRole("button", { name: "Step" }).click();
      await statusIs(stepped, new RegExp(`after ${i} epoch`));
    }
    const expected = await fingerprint(stepped);

    const inOneGo = await open(hash);
    await inOneGo.getByRole("button", { name: "Start" }).click();
    await statusIs(inOneGo, /^Finished after 4 epochs/);
    expect(await fingerprint(inOneGo)).toBe(expected);

    await stepped.waitForFunction(() => location.hash.includes("run=4-"));
    const linked = await open(new URL(stepped.url()).hash);
    expect(await linked.textContent("#status")).toMatch(/This link holds a run of 4 epochs/);
    await linked.getByRole("button", { name: "Start" }).click();
    await statusIs(linked, /Replayed to the bit/);
    expect(await fingerprint(linked)).toBe(expected);

    const parameters = new URLSearchParams(hash.slice(1));
    const { settings, problems } = readSettings((name) => parameters.get(name));
    expect(problems).toEqual([]);
    const inNode = await Session.open(settings, makeDataSet(settings, []));
    await inNode.train(4);
    expect(await inNode.fingerprint()).toBe(expected);
  });

  test("a link that promises another fingerprint is told apart", async () => {
    const page = await open("#hiddenLayers=4&run=2-0123456789abcdef");
    await page.getByRole("button", { name: "Start" }).click();
    await statusIs(page, /The fingerprint isn’t the link’s/);
  });

  test("every control is in the link, and the link sets every control", async () => {
    const page = await open();
    const settings = page.getByRole("form", { name: "Settings" });
    await settings.getByLabel("Data set").selectOption("gaussians");
    await settings.getByLabel("Classes").fill("3");
    await settings.getByLabel("Units of hidden layer 2").fill("9");
    await settings.getByRole("button", { name: "Add a hidden layer" }).click();
    await settings.getByRole("button", { name: "Remove hidden layer 1" }).click();
    await settings.getByLabel("Activation").selectOption("sigmoid");
    await settings.getByLabel("Initialisation").selectOption("xavier");
    await settings.getByLabel("Optimizer").selectOption("momentum");
    await settings.getByLabel("Learning rate").fill("0.125");
    await settings.getByLabel("Seed").fill("77");
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await statusIs(page, /^Ready/);
    await page.waitForFunction(() => location.hash.includes("seed=77"));
    await page.getByRole("button", { name: "Copy link" }).click();
    await statusIs(page, /^Link copied/);
    const link = await page.evaluate(() => navigator.clipboard.readText());
    expect(link).toContain("data=gaussians&classes=3");
    const other = await open(new URL(link).hash);
    const controls = (of: Page) =>
      of.evaluate(() =>
        [...new FormData(document.getElementById("settings") as HTMLFormElement)].map(String),
      );
    expect(await controls(other)).toEqual(await controls(page));
    expect(await fingerprint(other)).toBe(await fingerprint(page));
    expect(await other.textContent("#network-summary")).toBe("2 → 9 → 9 → 3, 147 parameters");
  });

  test("the gradient check shows a table", async () => {
    const page = await open("#data=circles&hiddenLayers=6,4&hiddenActivation=sigmoid&l2=0.1");
    await page.getByRole("button", { name: "Check gradients" }).click();
    await page.getByText(/^Passed: all \d+ derivatives agree/).waitFor();
    const rows = page.locator("#gradient-result tbody tr");
    expect(await rows.count()).toBe(6);
    expect(await rows.first().textContent()).toMatch(/^W1.*ok$/);
  });

  test("the gradient table's verdict is seen at every width", { timeout: 120_000 }, async () => {
    const page = await open("#hiddenLayers=24,24");
    await page.getByRole("button", { name: "Check gradients" }).click();
    const verdict = page.locator("#gradient-result tbody td:last-child").first();
    await verdict.waitFor({ timeout: 60_000 });
    for (const width of [1280, 768, 360]) {
      await page.setViewportSize({ width, height: 800 });
      const hidden = await page
        .locator("#gradient-result .scroller")
        .evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
      expect({ width, hidden, text: await verdict.textContent() }).toEqual({ width, hidden: 0, text: "ok" });
    }
  });

  test("the fingerprint is that of the epoch beside it, while training too", async () => {
    const page = await open("#examples=60&hiddenLayers=4&epochs=100000");
    await page.getByRole("button", { name: "Start" }).click();
    const seen = new Map<string, string>();
    for (let tries = 0; tries < 200 && seen.size < 6; tries++) {
      const [shown, ofEpoch, hash] = await page.evaluate(() => {
        const output = document.getElementById("fingerprint");
        const epochText = document.getElementById("epoch")?.textContent?.replaceAll(",", "");
        return [epochText, output?.getAttribute("data-epoch"), output?.textContent];
      });
      expect(shown).toBe(ofEpoch);
      seen.set(shown ?? "", hash ?? "");
    }
    expect(seen.size).toBe(6);
    expect(new Set(seen.values()).size).toBe(6);
    await page.getByRole("button", { name: "Pause" }).click();
    await statusIs(page, /^Paused/);
    const [[at = "", hash] = []] = [...seen].slice(-1);
    const { settings } = readSettings((name) =>
      new URLSearchParams("examples=60&hiddenLayers=4&epochs=100000").get(name),
    );
    const inNode = await Session.open(settings, makeDataSet(settings, []));
    await inNode.train(Number(at));
    expect(await inNode.fingerprint()).toBe(hash);
  });

  test("after it has finished, Start says how much more it would train", async () => {
    const page = await open("#hiddenLayers=4&examples=40&epochs=1000");
    await page.locator("#pace").selectOption("Infinity");
    const start = page.locator("#start");
    expect(await start.textContent()).toBe("Start");
    await page.getByRole("button", { name: "Step" }).click();
    await statusIs(page, /after 1 epoch/);
    expect(await start.textContent()).toBe("Resume");
    await start.click();
    await statusIs(page, /^Finished after 1,000 epochs/);
    expect(await start.textContent()).toBe("Train 1,000 more");
    await start.click();
    await statusIs(page, /^Finished after 2,000 epochs/);
    await page.getByRole("button", { name: "Reset" }).click();
    await statusIs(page, /^Ready/);
    expect(await start.textContent()).toBe("Start");
  });
}
