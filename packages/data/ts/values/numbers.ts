/** What separates a number's whole part from its fraction. */
export type Decimal = "." | ",";

/** A number, or why a text that looks like one is none: leading zeros (007), or more digits than a float64 holds. */
export type NumberReading = number | "code" | "long" | undefined;

const POINT = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const LONGEST = 400;

/** Of a text without blanks at its ends. Undefined for what is no number, and for one beyond the range of float64. */
export function readNumber(text: string, decimal: Decimal): NumberReading {
  if (text.length > LONGEST) return undefined;
  const pointed = decimal === "," ? withPoint(text) : text;
  if (pointed === undefined || !POINT.test(pointed)) return undefined;
  if (/^[+-]?0\d/.test(pointed)) return "code";
  const value = Number(pointed);
  if (!Number.isFinite(value)) return undefined;
  return Math.abs(value) > Number.MAX_SAFE_INTEGER && /^[+-]?\d+$/.test(pointed) ? "long" : value;
}

/** The same where the column is said to hold numbers: 007 is 7. */
export function readForcedNumber(text: string, decimal: Decimal): number | undefined {
  const pointed = decimal === "," ? withPoint(text) : text;
  if (text.length > LONGEST || pointed === undefined || !POINT.test(pointed)) return undefined;
  const value = Number(pointed);
  return Number.isFinite(value) ? value : undefined;
}

/** 1,5 → 1.5. A point is no decimal comma, and 1.234 could be either number. */
function withPoint(text: string): string | undefined {
  return text.includes(".") ? undefined : text.replace(",", ".");
}
