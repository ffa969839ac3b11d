const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const rounded = new Intl.NumberFormat("en", {
  notation: "compact",
  minimumSignificantDigits: 3,
  maximumSignificantDigits: 3,
});
const short = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });

/** 12,345 */
export function wholeNumber(value: number): string {
  return whole.format(value);
}

/** Three digits, whatever the size: 1.45 M, 60.5 k. Below a thousand, a whole number. */
export function roundNumber(value: number): string {
  return value < 999.5 ? wholeNumber(value) : spaced(rounded.format(value));
}

/** A number that someone chose: 1,000 and 2,500 as they are, longer ones as 20 k or 1 M. */
export function shortNumber(value: number): string {
  return value < 10_000 ? wholeNumber(value) : spaced(short.format(value));
}

function spaced(text: string): string {
  return text.replace(/([A-Z])$/, (unit) => ` ${unit === "K" ? "k" : unit}`);
}

/** 99.0 % */
export function percentage(share: number, digits = 1): string {
  return `${(100 * share).toFixed(digits)} %`;
}

/** Epochs so far, rounded down: 5.0 only when the fifth is done. */
export function epochsDone(epochs: number): string {
  return (Math.floor(10 * epochs + 1e-9) / 10).toFixed(1);
}
