const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const FOUR_DIGITS = new Intl.NumberFormat("en", { maximumSignificantDigits: 4 });

/** For people: counts whole, all else to four digits. */
export function number(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return WHOLE.format(value);
  if (Number.isNaN(value)) return "undefined";
  const size = Math.abs(value);
  return size > 0 && (size < 1e-4 || size >= 1e15) ? value.toExponential(2) : FOUR_DIGITS.format(value);
}
