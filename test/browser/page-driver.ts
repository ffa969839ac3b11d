// What the tests of the page do with it, again and again.
import type { Page } from "playwright-core";

/** Screenshots are kept here, to be looked at. */
export const SCREENSHOTS = "out/screenshots";

/** Opens the page, ready to train. */
export type Open = (hash?: string, options?: OpenOptions) => Promise<Page>;

export interface OpenOptions {
  /** Default 1360 × 900. */
  readonly viewport?: Size;
  readonly hasTouch?: boolean;
  readonly colorScheme?: "light" | "dark";
  /** Whether nothing that other pages kept may be there. Default false: a new profile would download all again. */
  readonly ownProfile?: boolean;
  readonly url?: string;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export async function statusIs(page: Page, expected: RegExp): Promise<void> {
  await page.locator("#status", { hasText: expected }).waitFor({ state: "attached" });
}

/** Trains shortly on digits, and draws one. */
export async function trainAndDraw(page: Page): Promise<void> {
  await page.getByRole("tab", { name: "Digits" }).click();
  const training = page.getByRole("region", { name: "Learn from MNIST" });
  await training.getByLabel("Training images").selectOption("1000");
  await training.getByLabel("Epochs").fill("1");
  await training.getByRole("button", { name: "Train" }).click();
  await page.getByText("Finished. Draw a digit.").waitFor({ timeout: 60_000 });
  await drag(page, await boxOf(page, "#pad"), [
    [0.3, 0.2],
    [0.7, 0.2],
    [0.55, 0.5],
    [0.45, 0.85],
  ]);
  await page.getByText(/^It reads: \d$/).waitFor();
}

export async function epoch(page: Page): Promise<number> {
  return Number((await page.textContent("#epoch"))?.replaceAll(",", ""));
}

/** SHA-256 of the parameters, once the page shows it. */
export async function fingerprint(page: Page): Promise<string> {
  await page.locator("#fingerprint", { hasText: /^[0-9a-f]{64}$/ }).waitFor();
  return (await page.textContent("#fingerprint")) ?? "";
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export async function boxOf(page: Page, selector: string): Promise<Box> {
  await page.locator(selector).scrollIntoViewIfNeeded();
  const box = await page.locator(selector).boundingBox();
  if (box === null) throw new Error(`${selector}: expected it on the page, got nothing`);
  return box;
}

/** Draws with the mouse through these places, which are shares of the box. */
export async function drag(
  page: Page,
  box: Box,
  places: readonly (readonly [number, number])[],
): Promise<void> {
  const to = ([x, y]: readonly [number, number]) => [box.x + x * box.width, box.y + y * box.height] as const;
  const [first, ...others] = places;
  if (first === undefined) return;
  await page.mouse.move(...to(first));
  await page.mouse.down();
  for (const place of others) await page.mouse.move(...to(place), { steps: 8 });
  await page.mouse.up();
}
