import { expect, test } from "vitest";
import { boxOf, drag, type Open, SCREENSHOTS, statusIs } from "./page-driver.js";

export function ownDataTests(open: Open): void {
  test("points are drawn by mouse and keyboard, trained on, and carried by the link", async () => {
    const page = await open("#data=points&testShare=0&hiddenLayers=8&epochs=40");
    expect(await page.textContent("#status")).toMatch(/^No points yet/);
    const plane = await boxOf(page, "#points");
    await drag(page, plane, [
      [0.2, 0.2],
      [0.2, 0.5],
      [0.2, 0.8],
    ]);
    await page.getByRole("radio", { name: "B" }).check();
    await drag(page, plane, [
      [0.8, 0.8],
      [0.8, 0.5],
      [0.8, 0.2],
    ]);
    await statusIs(page, /^Ready/);
    await page.getByRole("radio", { name: "C" }).check();
    await page.locator("#points").focus();
    for (const key of ["ArrowUp", "ArrowUp", "Enter", "ArrowUp", "Enter", "Enter", "Backspace"]) {
      await page.keyboard.press(key);
    }
    await page.getByText("2 → 8 → 3, 51 parameters").waitFor();
    await page.getByRole("button", { name: "Start" }).click();
    await statusIs(page, /^Finished after 40 epochs/);
    await page.waitForFunction(() => location.hash.includes("run=40-") && location.hash.includes("points="));
    await page.screenshot({ path: `${SCREENSHOTS}/playground-own-points.png`, fullPage: true });
    const linked = await open(new URL(page.url()).hash);
    await linked.getByRole("button", { name: "Start" }).click();
    await statusIs(linked, /Replayed to the bit/);
  });

  test("without points there is nothing of the network before", async () => {
    const page = await open("#epochs=20");
    await page.getByRole("button", { name: "Start" }).click();
    await statusIs(page, /^Finished/);
    const painted = () =>
      page.locator("#boundary").evaluate((canvas: HTMLCanvasElement) => {
        const { data } = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height) ?? {
          data: [],
        };
        return data.some((byte) => byte !== 0);
      });
    expect(await painted()).toBe(true);
    await page.getByLabel("Data set").selectOption("points");
    await statusIs(page, /^No points yet/);
    await page.waitForTimeout(200);
    expect(await painted()).toBe(false);
    for (const id of ["fingerprint", "train-loss", "test-score", "network-summary"]) {
      expect([id, await page.textContent(`#${id}`)]).toEqual([id, "–"]);
    }
    for (const id of ["points", "loss-chart"]) {
      expect(await page.locator(`#${id}`).getAttribute("aria-label")).not.toMatch(/After/);
    }
    for (const name of ["Start", "Step", "Check gradients"]) {
      expect(await page.getByRole("button", { name }).isDisabled()).toBe(true);
    }
  });

  test("a CSV file becomes a data set; one that can't is refused with the reason", async () => {
    const page = await open();
    const csv = (text: string) => ({ name: "data.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
    const rows = Array.from(
      { length: 30 },
      (_, i) => `${i};${i % 7};${(i * i) % 11};${i < 15 ? "low" : "high"}`,
    );
    await page.getByLabel("Data set").selectOption("points");
    await page.locator("#csv-file").setInputFiles(csv(`size;rest;other;kind\n${rows.join("\n")}\n`));
    await page.getByText("30 rows; classes A = high, B = low.").waitFor();
    await page.getByLabel("Up").selectOption({ label: "other" });
    await statusIs(page, /^Ready/);
    await page.locator("#csv-label").selectOption({ label: "size" });
    await page.getByText("The class column “size” has 30 different values; 2 to 4 can be shown.").waitFor();
    await page.locator("#csv-file").setInputFiles(csv("a,b\n1,2\n"));
    await page.getByText("Three columns are needed").waitFor();
  });
}
