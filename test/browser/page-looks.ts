import { readFileSync } from "node:fs";
import type * as Axe from "axe-core";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { type Open, SCREENSHOTS, statusIs, trainAndDraw } from "./page-driver.js";

export function looksTests(open: Open): void {
  test("tabs can be used by keyboard", async () => {
    const page = await open();
    await page.getByRole("tab", { name: "Playground" }).focus();
    await page.keyboard.press("ArrowRight");
    expect(await page.getByRole("tab", { name: "Digits" }).getAttribute("aria-selected")).toBe("true");
    expect(await page.getByRole("tabpanel").getAttribute("id")).toBe("panel-digits");
  });

  test("axe finds no fault in either tab, light and dark", async () => {
    const page = await open("#data=points");
    const findings = async () => {
      const found = [];
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        found.push(...(await axeFindings(page)));
      }
      return found;
    };
    await page.getByLabel("Data set").selectOption("xor");
    await statusIs(page, /^Ready/);
    await page.getByRole("button", { name: "Check gradients" }).click();
    await page.getByText(/^Passed: all/).waitFor();
    expect(await findings()).toEqual([]);
    await page.getByLabel("Keep probability").fill("2");
    await page.getByText("Keep probability must be").waitFor();
    await page
      .locator(".field", { hasText: "Seed" })
      .getByRole("button", { name: "What is this?" })
      .first()
      .click();
    await page.getByRole("dialog", { name: "Seed" }).waitFor();
    expect(await findings()).toEqual([]);
    await page.keyboard.press("Escape");
    await page.getByRole("tab", { name: "Digits" }).click();
    expect(await findings()).toEqual([]);
  });

  test("light and dark: as the system has it, until the button says otherwise", {
    timeout: 120_000,
  }, async () => {
    const ground = (page: Page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await open("#data=gaussians&classes=4", { ownProfile: true }); // the choice is kept
    const dark = await open("#data=gaussians&classes=4", { colorScheme: "dark" });
    const [lightGround, darkGround] = [await ground(light), await ground(dark)];
    expect(lightGround).not.toBe(darkGround);
    for (const page of [light, dark]) {
      await page.getByRole("button", { name: "Start" }).click();
      await page.waitForFunction(() => Number(document.getElementById("epoch")?.textContent) > 10);
      await page.getByRole("button", { name: "Pause" }).click();
      await statusIs(page, /^Paused/);
    }
    await light.screenshot({ path: `${SCREENSHOTS}/playground-light.png`, fullPage: true });
    await dark.screenshot({ path: `${SCREENSHOTS}/playground-dark.png`, fullPage: true });
    await trainAndDraw(dark);
    await dark.screenshot({ path: `${SCREENSHOTS}/digits-dark.png`, fullPage: true });
    await light.getByRole("button", { name: "Dark colours" }).click();
    expect(await ground(light)).toBe(darkGround);
    await light.reload();
    expect(await ground(light)).toBe(darkGround);
  });

  test("fits into 360 pixels", { timeout: 120_000 }, async () => {
    const page = await open("#data=points", { viewport: { width: 360, height: 740 }, hasTouch: true });
    const width = () => page.evaluate(() => document.documentElement.scrollWidth);
    expect(await width()).toBe(360);
    await page.getByLabel("Data set").selectOption("spiral");
    await page.getByRole("button", { name: "Start" }).click();
    await page.waitForFunction(() => Number(document.getElementById("epoch")?.textContent) > 10);
    await page.getByRole("button", { name: "Pause" }).click();
    await statusIs(page, /^Paused/);
    await page.getByRole("button", { name: "Check gradients" }).click();
    await page.getByText(/^Passed: all/).waitFor();
    expect(await width()).toBe(360);
    await page.screenshot({ path: `${SCREENSHOTS}/playground-360.png`, fullPage: true });
    await trainAndDraw(page);
    expect(await width()).toBe(360);
    await page.screenshot({ path: `${SCREENSHOTS}/digits-360.png`, fullPage: true });
  });
}

/** What axe-core has against the page: contrast, names, roles, order of headings and so on. */
async function axeFindings(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => "axe" in window))) {
    await page.evaluate(readFileSync("node_modules/axe-core/axe.min.js", "utf8"));
  }
  return page.evaluate(async () => {
    const { violations } = await (window as unknown as { axe: typeof Axe }).axe.run();
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
    );
  });
}
