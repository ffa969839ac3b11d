/** What separates a number's whole part from its fraction. */
export type Decimal = "." | ",";

/** A number, or why a text that looks like one is none: leading zeros (007), or more digits than a float64 holds. */
export type NumberReading = number | "code" | "long" | undefined;

const POINT = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const LONGEST = 400;

const POWERS_OF_TEN = Float64Array.from({ length: 16 }, (_, exponent) => Number(`1e${exponent}`));
const MOST_DIGITS = 15;
const [ZERO, NINE, MINUS, POINT_SIGN, COMMA] = [48, 57, 45, 46, 44];

/**
 * The number of up to 15 digits with at most one decimal sign among them. Their integer and the power of ten are float64s, so the
 * quotient is the nearest float64, as Number gives it (Clinger 1990), in a fraction of the time. Undefined for all else, 007 too.
 */
function fewDigits(text: string, decimal: Decimal): number | undefined {
  const start = text.charCodeAt(0) === MINUS ? 1 : 0;
  const digits = text.length - start;
  if (digits > MOST_DIGITS || digits === 0) return undefined;
  const sign = decimal === "," ? COMMA : POINT_SIGN;
  let value = 0;
  let point = -1;
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= ZERO && code <= NINE) value = 10 * value + (code - ZERO);
    else if (code === sign && point < 0 && i > start) point = i;
    else return undefined;
  }
  if (text.charCodeAt(start) === ZERO && digits > 1 && point !== start + 1) return undefined;
  if (point >= 0) value /= POWERS_OF_TEN[text.length - 1 - point] ?? 1;
  return start === 1 ? -value : value;
}

/** Of a text without blanks at its ends. Undefined for what is no number, and for one beyond the range of float64. */
export function readNumber(text: string, decimal: Decimal): NumberReading {
  const short = fewDigits(text, decimal);
  if (short !== undefined) return short;
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
  const short = fewDigits(text, decimal);
  if (short !== undefined) return short;
  const pointed = decimal === "," ? withPoint(text) : text;
  if (text.length > LONGEST || pointed === undefined || !POINT.test(pointed)) return undefined;
  const value = Number(pointed);
  return Number.isFinite(value) ? value : undefined;
}

/** 1,5 → 1.5. A point is no decimal comma, and 1.234 could be either number. */
function withPoint(text: string): string | undefined {
  return text.includes(".") ? undefined : text.replace(",", ".");
}

const SIGN = /^([+-]?)\s?[$€£¥₹]?\s?([+-]?)(.*?)\s?[$€£¥₹%]?$/su;
/** Thousands apart by one sign, which isn't the decimal one: the groups behind the first have three digits each. */
const GROUPED = {
  ".": /^\d{1,3}(?:([,'_ \u00a0\u202f])\d{3})(?:\1\d{3})*(?:\.\d+)?$/,
  ",": /^\d{1,3}(?:([.'_ \u00a0\u202f])\d{3})(?:\1\d{3})*(?:,\d+)?$/,
} as const;

/**
 * The same, of amounts too: $1,234.50, 12 %, −1 234 €. The currency and the percent sign are left out. Undefined for what is none, such as
 * 12,34 where the decimal sign is a point.
 */
export function readAmount(text: string, decimal: Decimal): number | undefined {
  const plain = readForcedNumber(text, decimal);
  if (plain !== undefined || text.length > LONGEST) return plain;
  const [, before = "", behind = "", body = ""] = SIGN.exec(text.replace("\u2212", "-")) ?? [];
  if ((before !== "" && behind !== "") || /^[+-]/.test(body)) return undefined;
  const separator = GROUPED[decimal].exec(body)?.[1];
  const digits = separator === undefined ? body : body.replaceAll(separator, "");
  return readForcedNumber(before + behind + digits, decimal);
}

/** The same without those that are another number where the comma is the decimal sign: 1,234 is none, $1,234 and 1,234,567 are. */
export function readCertainAmount(text: string, decimal: Decimal): number | undefined {
  const couldBeEither = ONE_GROUP[decimal].test(text) && !/[$£¥₹]/.test(text);
  return couldBeEither ? readForcedNumber(text, decimal) : readAmount(text, decimal);
}

const ONE_GROUP = { ".": /^\D*\d{1,3},\d{3}\D*$/u, ",": /^\D*\d{1,3}\.\d{3}\D*$/u } as const;
