import type { Browser } from "playwright-core";
import { findChromium, launchChromium } from "../../browser/chromium.js";

/** One Chromium for each set of flags, launched when it is first asked for. */
export class Browsers {
  readonly #launched = new Map<string, Promise<Browser>>();

  get(flags: readonly string[]): Promise<Browser> {
    const key = flags.join(" ");
    const present = this.#launched.get(key);
    if (present !== undefined) return present;
    const executable = findChromium();
    if (executable === undefined) return Promise.reject(new Error("no Chromium here"));
    const launched = launchChromium(executable, flags);
    this.#launched.set(key, launched);
    return launched;
  }

  async close(): Promise<void> {
    for (const launched of this.#launched.values()) await (await launched).close();
  }
}
