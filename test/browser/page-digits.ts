import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { boxOf, drag, type Open, SCREENSHOTS } from "./page-driver.js";

export function digitsTests(open: Open): void {
  test("digits: trains on MNIST, pauses, and reads what is drawn", async () => {
    // Far more epochs than pass before the page is paused, however slow the machine is.
    const page = await open("#tab=digits&digitExamples=10000&digitEpochs=100");
    const training = page.getByRole("region", { name: "Learn from MNIST" });
    await training.getByRole("button", { name: "Train" }).click();
    await page.getByText(/^Epoch \d+ of 100, step/).waitFor();
    await training.getByRole("button", { name: "Pause" }).click();
    const paused = await atRest(page);
    await training.getByRole("button", { name: "Resume" }).click();
    await page.waitForFunction(
      (before) => document.getElementById("digits-progress-text")?.textContent !== before,
      paused,
    );
    await training.getByRole("button", { name: "Reset" }).click();
    await training.getByLabel("Epochs").fill("4");
    await training.getByRole("button", { name: "Train" }).click();
    await page.getByText("Finished. Draw a digit.").waitFor({ timeout: 120_000 });
    expect(Number.parseFloat((await page.textContent("#digits-accuracy")) ?? "")).toBeGreaterThan(90);
    const cells = await page.locator("#confusion td").allTextContents();
    expect(cells.reduce((sum, count) => sum + Number(count), 0)).toBe(10_000);

    expect(await page.textContent("#digits-epoch")).toBe("4.0");
    expect(await page.textContent("#digits-chart .legend")).toMatch(/^Epoch: 4Training loss: \d/);
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

  test("digits: the number of epochs is whole only at an epoch's end, and the loss line goes as far", async () => {
    const page = await open("#tab=digits&digitExamples=10000&digitEpochs=2&digitThreads=1");
    await page.evaluate(() => {
      const seen: string[] = [];
      Object.assign(window, { seen });
      const look = () => {
        const text = (id: string) => document.getElementById(id)?.textContent;
        seen.push(`${text("digits-epoch")} ${text("digits-progress-text")}`);
      };
      const epochs = document.getElementById("digits-epoch");
      if (epochs !== null) new MutationObserver(look).observe(epochs, { childList: true });
    });
    await page.getByRole("button", { name: "Train" }).click();
    await page.getByText("Finished. Draw a digit.").waitFor({ timeout: 60_000 });
    const seen = await page.evaluate(() => (window as unknown as { seen: string[] }).seen);
    expect(seen).toContain("1.0 Epoch 1 of 2, step 79 of 79");
    expect(seen).toContain("2.0 Epoch 2 of 2 done");
    for (const text of seen) {
      const [, epochs = "", epoch = "", step = "79"] =
        text.match(/^([\d.]+) Epoch (\d) of 2(?:, step (\d+))?/) ?? [];
      if (epochs !== "") expect(Number(epochs)).toBeLessThanOrEqual(Number(epoch) - 1 + Number(step) / 79);
    }
    await page.getByRole("button", { name: "Reset" }).click();
    expect(await page.textContent("#digits-progress-text")).toBe("Nothing trained yet");
    // The chart and its legend are drawn in the next frame.
    await expect
      .poll(() => page.textContent("#digits-chart .legend"))
      .toMatch(/^Epoch: –Training loss: –Test accuracy: –$/);
  });

  test("digits: on a phone, the pad comes into sight when the network can read", {
    timeout: 120_000,
  }, async () => {
    const page = await open("#tab=digits&digitExamples=1000&digitEpochs=1", {
      viewport: { width: 360, height: 740 },
      hasTouch: true,
    });
    const padTop = () => page.locator("#pad").evaluate((pad) => pad.getBoundingClientRect().top);
    expect(await padTop()).toBeGreaterThan(740);
    await page.getByRole("button", { name: "Train" }).tap();
    await page.getByText("Finished. Draw a digit.").waitFor({ timeout: 60_000 });
    const bottom = (await padTop()) + (await page.locator("#pad").evaluate((pad) => pad.clientHeight));
    expect(bottom).toBeLessThanOrEqual(740);
  });

  test("digits: a bar of 100.0 % is one line high", async () => {
    const page = await open("#tab=digits");
    const heights = await page.locator("#probabilities li").evaluateAll((items) =>
      items.map((item) => {
        const share = item.querySelector(".share");
        if (share !== null) share.textContent = "100.0 %";
        item.classList.add("likeliest");
        return [item.clientHeight, (share?.scrollWidth ?? 0) - (share?.clientWidth ?? 0)];
      }),
    );
    for (const [height = 99, overflow] of heights) {
      expect(height).toBeLessThan(30);
      expect(overflow).toBe(0);
    }
  });

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
    expect(one.runtime).toContain("1 thread (one thread was asked for");
    expect(two.runtime).toContain("2 threads");
    expect(one.result).toMatch(/^[0-9a-f]{64}$/);
    expect(two.result).toBe(one.result);
  });
}

/** The progress once it moves no more, which it does twelve times a second while training. */
async function atRest(page: Page): Promise<string> {
  for (let tries = 0; tries < 80; tries++) {
    const before = await page.textContent("#digits-progress-text");
    await page.waitForTimeout(200);
    if ((await page.textContent("#digits-progress-text")) === before) return before ?? "";
  }
  throw new Error("digits: expected it to pause, it trains on");
}
