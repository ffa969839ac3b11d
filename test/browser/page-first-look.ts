import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { type Open, SCREENSHOTS, statusIs } from "./page-driver.js";

const WIDE = { viewport: { width: 1280, height: 800 } };
const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true };
const ACROSS = { viewport: { width: 740, height: 360 }, hasTouch: true };

/** What somebody sees who has never heard of the page. */
export function firstLookTests(open: Open): void {
  test("the first line says what the page is, with links to the code and README", async () => {
    const page = await open();
    const intro = page.locator(".intro");
    expect(await intro.textContent()).toMatch(/Train neural networks in this page and watch them learn/);
    const box = await intro.boundingBox();
    expect(box?.y).toBeLessThan(80);
    const [, repository] = readFileSync("crate/Cargo.toml", "utf8").match(/^repository = "(.*)"$/m) ?? [];
    expect(await page.getByRole("link", { name: "Code" }).getAttribute("href")).toBe(repository);
    expect(await page.getByRole("link", { name: "README" }).getAttribute("href")).toBe(
      `${repository}#readme`,
    );
  });

  test("every setting, the plane, the fingerprint and the check explain themselves to a tap", async () => {
    const page = await open("#data=gaussians", PHONE);
    await unfold(page);
    const unexplained = await page.evaluate(() =>
      [...document.querySelectorAll("#settings .field, #digits-settings .field")]
        .filter((field) => field.querySelector(".help") === null)
        .map(({ textContent }) => textContent),
    );
    expect(unexplained).toEqual([]);
    const buttons = page.locator("#panel-playground .help:visible");
    const count = await buttons.count();
    expect(count).toBeGreaterThanOrEqual(20);
    const titles = new Set<string | null>();
    for (let i = 0; i < count; i++) {
      await buttons.nth(i).tap();
      const bubble = page.locator("#help");
      await bubble.waitFor({ state: "visible" });
      await page.waitForFunction(() => document.activeElement?.id === "help");
      const box = await bubble.boundingBox();
      if (box === null) throw new Error("help: expected a bubble, got none");
      expect(box.x).toBeGreaterThanOrEqual(0);
      expect(box.x + box.width).toBeLessThanOrEqual(360);
      expect(box.y).toBeGreaterThanOrEqual(0);
      expect(box.y + box.height).toBeLessThanOrEqual(740);
      titles.add(await page.textContent("#help-title"));
      await page.keyboard.press("Escape");
      await bubble.waitFor({ state: "hidden" });
    }
    expect(titles.size).toBe(count);
  });

  test("the buttons of a run stay in one row, and no choice is cut off", async () => {
    const page = await open("#hiddenLayers=4&examples=40&epochs=999", PHONE);
    await page.locator("#pace").selectOption("Infinity");
    await page.getByRole("button", { name: "Start" }).click();
    await statusIs(page, /^Finished/);
    for (const { viewport } of [WIDE, { viewport: { width: 768, height: 1024 } }, PHONE, ACROSS]) {
      await page.setViewportSize(viewport);
      const boxes = await page.locator(".run button").evaluateAll((all) =>
        all.map((button) => ({
          ...button.getBoundingClientRect().toJSON(),
          hidden: button.scrollWidth - button.clientWidth,
        })),
      );
      expect(await page.getByRole("button", { name: "Copy link" }).isVisible()).toBe(true);
      expect(new Set(boxes.map(({ top }) => top)).size).toBe(1);
      expect(boxes.every(({ hidden }) => hidden <= 0)).toBe(true);
      const right = await page.locator(".stage").evaluate((stage) => stage.getBoundingClientRect().right);
      expect(Math.max(...boxes.map((box) => box.right))).toBeLessThan(right);
      expect(
        await page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
      ).toBeLessThanOrEqual(0);
    }
    // The settings are folded by the width at which the page was opened.
    for (const options of [WIDE, PHONE]) expect(await cutOffChoices(await open("", options))).toEqual([]);
  });

  test("whatever is touched is at least 40 pixels high and wide", async () => {
    const page = await open("#data=points", PHONE);
    await unfold(page);
    expect(await smallTargets(page)).toEqual([]);
    await page.getByRole("tab", { name: "Digits" }).tap();
    expect(await smallTargets(page)).toEqual([]);
  });

  test("on a phone held across, plane and settings are seen side by side", async () => {
    const page = await open("", ACROSS);
    const box = await page.locator(".plane").boundingBox();
    const settings = await page.locator("#settings").boundingBox();
    expect(box?.height).toBeLessThanOrEqual(360);
    expect(settings?.x).toBeGreaterThan((box?.x ?? 0) + (box?.width ?? 0));
    await page.screenshot({ path: `${SCREENSHOTS}/playground-740.png` });
  });

  test("on a phone held upright, the settings follow the plane, most of them folded", async () => {
    const page = await open("", PHONE);
    const topOf = async (selector: string) => (await page.locator(selector).boundingBox())?.y ?? Number.NaN;
    expect(await topOf("#settings")).toBeLessThan(await topOf(".results"));
    expect((await topOf("#task")) - (await topOf(".plane"))).toBeLessThan(500);
    expect(await topOf(".results")).toBeLessThan(1400);
  });

  test("the curves have other hues than each other and than classes A and B, light and dark", async () => {
    const page = await open();
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      const hues = await page.evaluate(() =>
        ["--curve-0", "--curve-1", "--curve-2", "--class-0", "--class-1"].map((name) => {
          const color = getComputedStyle(document.documentElement).getPropertyValue(name);
          const [red = 0, green = 0, blue = 0] = (color.match(/[\d.]+/g) ?? []).map(Number);
          // The angle on the colour circle.
          return (Math.atan2(Math.sqrt(3) * (green - blue), 2 * red - green - blue) * 180) / Math.PI;
        }),
      );
      const apart = (a: number, b: number) => Math.abs(((a - b + 540) % 360) - 180);
      for (const [i, curve] of hues.slice(0, 3).entries()) {
        for (const other of hues.slice(i + 1)) expect(apart(curve, other)).toBeGreaterThan(40);
      }
    }
  });
}

/** Opens the groups of settings that a phone folds. */
async function unfold(page: Page): Promise<void> {
  const folded = page.locator("#settings details:not([open]) summary");
  while ((await folded.count()) > 0) await folded.first().tap();
}

/** Selects whose longest choice is wider than the room for it. */
function cutOffChoices(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const context = document.createElement("canvas").getContext("2d");
    return [...document.querySelectorAll("select")]
      .filter((select) => select.checkVisibility())
      .filter((select) => {
        const style = getComputedStyle(select);
        if (context === null) return true;
        context.font = style.font;
        const arrow = 18;
        const room =
          select.clientWidth - Number.parseFloat(style.paddingLeft) - Number.parseFloat(style.paddingRight);
        return [...select.options].some(({ text }) => context.measureText(text).width > room - arrow);
      })
      .map(({ id }) => id);
  });
}

function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [
      ...document.querySelectorAll(
        "button, select, summary, .button, a, input:not([type=radio], [type=hidden], [type=file]), .classes label",
      ),
    ]
      .filter((element) => element.checkVisibility())
      .flatMap((element) => {
        const { width, height } = element.getBoundingClientRect();
        return Math.min(width, height) < 39.9
          ? [`${element.outerHTML.slice(0, 80)}: ${width} × ${height}`]
          : [];
      }),
  );
}
