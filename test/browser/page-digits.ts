import { expect, test } from "vitest";
import { boxOf, drag, type Open, SCREENSHOTS } from "./page-driver.js";

export function digitsTests(open: Open): void {
  test("digits: trains on MNIST, pauses, and reads what is drawn", async () => {
    const page = await open("#tab=digits&digitExamples=30000&digitEpochs=2");
    await page.getByRole("button", { name: "Train" }).click();
    await page.getByText(/^Epoch 1 of 2, step/).waitFor();
    await page.getByRole("button", { name: "Pause" }).click();
    await page.waitForTimeout(200);
    const paused = await page.textContent("#digits-progress-text");
    await page.waitForTimeout(300);
    expect(await page.textContent("#digits-progress-text")).toBe(paused);
    await page.getByRole("button", { name: "Resume" }).click();
    await page.getByText("Finished. Draw a digit.").waitFor({ timeout: 120_000 });
    expect(Number.parseFloat((await page.textContent("#digits-accuracy")) ?? "")).toBeGreaterThan(90);
    const cells = await page.locator("#confusion td").allTextContents();
    expect(cells.reduce((sum, count) => sum + Number(count), 0)).toBe(10_000);

    const pad = await boxOf(page, "#pad");
    await drag(page, pad, [
      [0.5, 0.15],
      [0.49, 0.5],
      [0.48, 0.85],
    ]);
    await page.getByText("It reads: 1").waitFor();
    await page.getByRole("button", { name: "Clear" }).click();
    const turn = (i: number): [number, number] => [
      0.5 + 0.22 * Math.sin((i * Math.PI) / 12),
      0.5 - 0.34 * Math.cos((i * Math.PI) / 12),
    ];
    await drag(
      page,
      pad,
      Array.from({ length: 25 }, (_, i) => turn(i)),
    );
    await page.getByText("It reads: 0").waitFor();
    const shares = await page.locator("#probabilities .share").allTextContents();
    expect(shares.map(Number.parseFloat).reduce((a, b) => a + b)).toBeCloseTo(100, 0);
    await page.screenshot({ path: `${SCREENSHOTS}/digits-light.png`, fullPage: true });
    await page.getByRole("button", { name: "Take a test image" }).click();
    await page.getByText("A test image; it was meant as a 7.").waitFor();
    await page.getByText("It reads: 7").waitFor();
  }, 180_000);

  test("digits: one and two threads learn the same, to the bit", { timeout: 120_000 }, async () => {
    const page = await open("#tab=digits&digitExamples=1000&digitEpochs=2");
    const trained = async (threads: string) => {
      await page.getByLabel("Threads").selectOption(threads);
      await page.getByRole("button", { name: /^Train/ }).click();
      await page.getByText("Finished. Draw a digit.").waitFor({ timeout: 60_000 });
      return {
        runtime: await page.textContent("#runtime"),
        result: await page.textContent("#digits-fingerprint"),
      };
    };
    const one = await trained("1");
    const two = await trained("2");
    expect(one.runtime).toContain("1 thread (one thread was asked for)");
    expect(two.runtime).toContain("2 threads");
    expect(one.result).toMatch(/^[0-9a-f]{64}$/);
    expect(two.result).toBe(one.result);
  });
}
