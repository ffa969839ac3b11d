import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { HIDDEN_ACTIVATIONS } from "../../ts/catalog/activations.js";
import { UPDATE_RULES } from "../../ts/catalog/optimizers.js";
import { SCHEDULE_NAMES } from "../../ts/catalog/schedules.js";
import { makeDataSet } from "../../web/src/playground/data-set.js";
import { Session } from "../../web/src/playground/session.js";
import { readSettings } from "../../web/src/playground/settings.js";
import { fingerprint, type Open, SCREENSHOTS, statusIs } from "./page-driver.js";

/** Regression, validation, and what the form lists of the core's tables. */
export function numbersTests(open: Open): void {
  test("a curve is fitted, and predicted numbers are drawn against the true ones", async () => {
    const link = "data=wave&validationShare=20&patience=15&hiddenActivation=tanh&schedule=cosine&epochs=150";
    const page = await open(`#${link}`);
    await page.locator("#pace").selectOption("Infinity");
    await page.getByRole("button", { name: "Start" }).click();
    await statusIs(page, /^(Finished|Stopped early) after [\d,]+ epochs, back at the best, epoch/);
    expect(await page.locator("#score-rows th").allTextContents()).toEqual(["RMSE", "MAE", "R²"]);
    const scores = await page.locator("#score-rows td").allTextContents();
    expect(scores.map(Number).every((score) => score > 0 && score < 1)).toBe(true);
    expect(Number(await page.textContent("#score-rows tr:last-child td:last-child"))).toBeGreaterThan(0.7);
    expect(await page.locator("#points").getAttribute("aria-label")).toMatch(
      /^The examples and the curve .* R² 0\.\d/,
    );
    expect(await page.locator("#scatter").getAttribute("aria-label")).toMatch(/^Predicted against true/);
    expect(await painted(page, "#scatter")).toBe(true);
    expect(await page.textContent("#loss-chart .legend")).toMatch(/Validation: \d.*Best epoch: \d/);
    await page.screenshot({ path: `${SCREENSHOTS}/playground-wave.png`, fullPage: true });

    const parameters = new URLSearchParams(link);
    const { settings } = readSettings((name) => parameters.get(name));
    const inNode = await Session.open(settings, makeDataSet(settings, []));
    await inNode.train(150);
    expect(await fingerprint(page)).toBe(await inNode.fingerprint());
    const linked = await open(new URL(page.url()).hash);
    await linked.locator("#pace").selectOption("Infinity");
    await linked.getByRole("button", { name: "Start" }).click();
    await statusIs(linked, /Replayed to the bit/);
  });

  test("California says whose figures they are, and is drawn as a map", async () => {
    const page = await open("#data=california&epochs=20&examples=500");
    await statusIs(page, /^Ready/);
    expect(await page.textContent("#data-note")).toMatch(/U\.S\. Census Bureau, in the public domain/);
    expect(await page.textContent("#network-summary")).toBe("8 → 16 → 16 → 1, 433 parameters");
    await page.locator("#pace").selectOption("Infinity");
    await page.getByRole("button", { name: "Start" }).click();
    await statusIs(page, /^Finished/);
    expect(Number(await page.textContent("#test-score"))).toBeGreaterThan(0.3);
    await page.getByRole("button", { name: "Check gradients" }).click();
    await page.getByText(/^Passed: /).waitFor();
    await page.screenshot({ path: `${SCREENSHOTS}/playground-california.png`, fullPage: true });
  });

  test("each task has its data sets and the losses that fit; each choice its parameters, as the core lists them", async () => {
    const page = await open();
    const settings = page.getByRole("form", { name: "Settings" });
    const options = (id: string) => page.locator(`#${id} option`).allTextContents();
    expect(await options("hiddenActivation")).toEqual([...HIDDEN_ACTIVATIONS]);
    expect(await options("optimizer")).toEqual([...UPDATE_RULES]);
    expect(await options("schedule")).toEqual(["constant", ...SCHEDULE_NAMES]);
    expect(await options("loss")).toEqual([
      ...["binaryCrossEntropy", "categoricalCrossEntropy", "hinge", "focal"],
    ]);
    await settings.getByLabel("ε").fill("0.001");
    await settings.getByLabel("Optimizer").selectOption("lion");
    expect(await settings.getByLabel("β₂").inputValue()).toBe("0.99");
    await settings.getByLabel("Optimizer").selectOption("sgd");
    await settings.getByLabel("Nesterov").selectOption("on");
    await page.getByText("Nesterov must be off where Momentum is 0, not “1”.").waitFor();
    await settings.getByLabel("Momentum").fill("0.9");
    await statusIs(page, /^Ready/);
    await settings.getByLabel("Schedule").selectOption("step");
    await settings.getByLabel("Epochs", { exact: true }).fill("90");
    expect(await settings.getByLabel("Length, epochs").inputValue()).toBe("30");
    await settings.getByLabel("Task").selectOption("numbers");
    expect(await options("loss")).toEqual([
      "meanSquaredError",
      "meanAbsoluteError",
      "huber",
      "logCosh",
      "quantile",
    ]);
    await settings.getByLabel("Loss").selectOption("huber");
    await settings.getByLabel("δ").fill("0.25");
    await page.waitForFunction(() => location.hash.includes("loss-delta=0.25"));
    await statusIs(page, /^Ready/);
    const other = await open(new URL(page.url()).hash);
    expect(await controlsOf(other)).toEqual(await controlsOf(page));
    expect(await fingerprint(other)).toBe(await fingerprint(page));
    await settings.getByLabel("Task").selectOption("classes");
    expect(await settings.getByLabel("Data set").inputValue()).toBe("spiral");
    expect(await settings.getByLabel("Loss").inputValue()).toBe("binaryCrossEntropy");
    await statusIs(page, /^Ready/);
    expect(await page.locator("#class-confusion th").allTextContents()).toEqual(["A", "B", "A", "B"]);
  });
}

async function controlsOf(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...new FormData(document.getElementById("settings") as HTMLFormElement)].map(String),
  );
}

function painted(page: Page, selector: string): Promise<boolean> {
  return page.locator(selector).evaluate((canvas: HTMLCanvasElement) => {
    const { data } = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
    return data.some((byte) => byte !== 0);
  });
}
