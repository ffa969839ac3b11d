import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { fingerprint, type Open, SCREENSHOTS, statusIs } from "./page-driver.js";

/** Settings that can't be, and files that aren't there: what to do is said in the visitor's words. */
export function faultTests(open: Open): void {
  test("a wrong setting is said beside its field, moves nothing and stops the start", async () => {
    const page = await open();
    const before = await fingerprint(page);
    const places = () =>
      page.evaluate(() => {
        const seen = document.querySelectorAll(".plane, #settings .field:not([hidden]), #start, .checks");
        return [...seen].map((element) => Math.round(element.getBoundingClientRect().top + scrollY));
      });
    const untouched = await places();
    const start = page.getByRole("button", { name: "Start" });
    for (const [label, value, sentence] of [
      ["Learning rate", "-1", "Learning rate must be a number above 0, at most 100, not “-1”."],
      ["Keep probability", "0", "Keep probability must be a number above 0, at most 1, not “0”."],
      ["β₁", "1", "β₁ must be a number from 0 to below 1, not “1”."],
      ["Batch size", "1.5", "Batch size must be a whole number from 0 to 2,000, not “1.5”."],
      ["Epochs", "", "Epochs must be a whole number from 1 to 1,000,000."],
      [
        "Units of hidden layer 2",
        "0",
        "Hidden layers must be at most 6 whole numbers from 1 to 128, not “16,0”.",
      ],
    ] as const) {
      const field = page.getByLabel(label).first();
      const right = await field.inputValue();
      await field.fill(value);
      const fault = page.getByText(sentence, { exact: true });
      await fault.waitFor();
      await statusIs(page, /^To be corrected: /);
      expect(await distance(page, sentence)).toBeLessThan(60);
      expect(await places()).toEqual(untouched);
      expect(await start.isDisabled()).toBe(true);
      expect(await fingerprint(page)).toBe(before);
      await page.getByRole("button", { name: "Reset" }).click();
      expect(await start.isDisabled()).toBe(true);
      await field.fill(right);
      await statusIs(page, /^Ready/);
      expect(await fault.count()).toBe(0);
      expect(await start.isEnabled()).toBe(true);
    }
    const wrongLink = await open("#learningRate=fast&hiddenLayers=0");
    expect(await wrongLink.textContent("#status")).toMatch(
      /^Ready\. In the link: Hidden layers must be .*Learning rate must be .* not “fast”\.$/,
    );
  });

  test("what has no effect now is no fault, and what runs can be paused", async () => {
    const page = await open("#epochs=1000000");
    await page.getByLabel("β₂").fill("5");
    await statusIs(page, /^To be corrected: β₂/);
    await page.getByLabel("Optimizer").selectOption("momentum");
    await statusIs(page, /^Ready/);
    await page.getByRole("button", { name: "Start" }).click();
    await page.locator("#seed").fill("-3");
    await statusIs(page, /^To be corrected: Seed/);
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByRole("button", { name: "Resume" }).waitFor();
    expect(await page.getByRole("button", { name: "Resume" }).isDisabled()).toBe(true);
  });

  test("without the .wasm file a sentence says what to do, and nothing can be started", async () => {
    const page = await without(await open(), "**/*.wasm");
    await statusIs(page, /could not be loaded.*Reload the page/);
    for (const name of ["Start", "Step", "Check gradients"]) {
      expect(await page.getByRole("button", { name }).isDisabled()).toBe(true);
    }
    await page.screenshot({ path: `${SCREENSHOTS}/playground-without-wasm.png` });
    await page.locator("#seed").fill("5");
    await page.waitForTimeout(200);
    expect(await page.getByRole("button", { name: "Start" }).isDisabled()).toBe(true);
  });

  test("without the worker's script too", async () => {
    const page = await without(await open(), "**/worker-*.js");
    await statusIs(page, /could not be loaded\. Reload the page/);
    expect(await page.getByRole("button", { name: "Start" }).isDisabled()).toBe(true);
    await page.getByRole("tab", { name: "Digits" }).click();
    expect(await page.getByRole("button", { name: "Train" }).isDisabled()).toBe(true);
  });

  test("without MNIST a sentence says what to do; Reset tries again", async () => {
    const page = await without(await open(), "**/mnist/index.json");
    await page.getByRole("tab", { name: "Digits" }).click();
    const sentence = page.getByText(
      /The images of digits could not be downloaded\. Check the connection, then press Reset/,
    );
    await sentence.waitFor();
    const train = page.locator("#digits-start");
    expect(await train.isDisabled()).toBe(true);
    await page
      .getByRole("region", { name: "Learn from MNIST" })
      .getByRole("button", { name: "Reset" })
      .click();
    await sentence.waitFor();
    expect(await train.isDisabled()).toBe(true);
    await page.unrouteAll();
    await page.route("**/mnist/train-*.bin", (route) =>
      route.fulfill({ status: 200, body: "<!doctype html>" }),
    );
    await page
      .getByRole("region", { name: "Learn from MNIST" })
      .getByRole("button", { name: "Reset" })
      .click();
    await page.waitForFunction(() => !document.querySelector<HTMLButtonElement>("#digits-start")?.disabled);
    await train.click();
    await sentence.waitFor();
    expect([await train.isDisabled(), await train.textContent()]).toEqual([true, "Train"]);
    await page.unrouteAll();
    await page
      .getByRole("region", { name: "Learn from MNIST" })
      .getByRole("button", { name: "Reset" })
      .click();
    await page.getByLabel("Training images").selectOption("1000");
    await page.getByRole("region", { name: "Learn from MNIST" }).getByLabel("Epochs").fill("1");
    await train.click();
    await page.getByText("Finished. Draw a digit.").waitFor({ timeout: 60_000 });
  });

  test("without California’s file too", async () => {
    const page = await without(await open(), "**/california.bin");
    await page.getByLabel("Task").selectOption("numbers");
    await page.getByLabel("Data set").selectOption("california");
    await statusIs(page, /^California’s block groups could not be downloaded\. Check the connection/);
    expect(await page.getByRole("button", { name: "Start" }).isDisabled()).toBe(true);
    await page.unrouteAll();
    await page.getByRole("button", { name: "Reset" }).click();
    await statusIs(page, /^Ready/);
  });

  test("training that goes off to infinity says what helps", async () => {
    const page = await open(
      "#optimizer=gradientDescent&learningRate=100&initialization=randomNormal&hiddenLayers=128,128,128",
    );
    await page.getByRole("button", { name: "Start" }).click();
    await statusIs(page, /^Training went off to infinity\. A smaller learning rate helps/);
    expect(await page.locator("#start").isEnabled()).toBe(true);
  });
}

/** The pixels between the sentence and the nearest invalid control. */
function distance(page: Page, sentence: string): Promise<number> {
  return page.evaluate((text) => {
    const fault = [...document.querySelectorAll(".fault")].find(({ textContent }) => textContent === text);
    const top = fault?.getBoundingClientRect().top ?? Number.NaN;
    const controls = [...document.querySelectorAll("#settings input:is(:invalid, [aria-invalid=true])")];
    const seen = controls
      .map((control) => control.getBoundingClientRect())
      .filter(({ height }) => height > 0);
    return Math.min(...seen.map(({ bottom }) => Math.abs(top - bottom)));
  }, sentence);
}

/** The same page in a fresh profile, which gets 404 for these files. */
async function without(page: Page, files: string): Promise<Page> {
  const browser = page.context().browser();
  if (browser === null) throw new Error("page: expected a browser, got none");
  const context = await browser.newContext({ serviceWorkers: "block" });
  const other = await context.newPage();
  await other.route(files, (route) => route.fulfill({ status: 404, body: "Not found" }));
  await other.goto(page.url());
  return other;
}
