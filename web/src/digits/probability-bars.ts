import { percentage } from "../numbers.js";

/** Ten bars, one a digit. */
export class ProbabilityBars {
  readonly #bars: readonly { item: HTMLElement; bar: HTMLElement; text: HTMLElement }[];

  constructor(list: HTMLElement) {
    this.#bars = Array.from({ length: 10 }, (_, digit) => {
      const item = document.createElement("li");
      const name = document.createElement("span");
      const track = document.createElement("span");
      const bar = document.createElement("span");
      const text = document.createElement("span");
      name.className = "digit";
      name.textContent = String(digit);
      track.className = "track";
      bar.className = "bar";
      text.className = "share";
      track.append(bar);
      item.append(name, track, text);
      list.append(item);
      return { item, bar, text };
    });
    this.show(undefined);
  }

  /** Undefined: there is nothing to say. */
  show(probabilities: Float32Array | undefined): void {
    const highest = probabilities === undefined ? -1 : Math.max(...probabilities);
    this.#bars.forEach(({ item, bar, text }, digit) => {
      const share = probabilities?.[digit] ?? 0;
      bar.style.setProperty("inline-size", `${(100 * share).toFixed(1)}%`);
      text.textContent = probabilities === undefined ? "–" : percentage(share);
      item.classList.toggle("likeliest", probabilities !== undefined && share === highest);
    });
  }
}
