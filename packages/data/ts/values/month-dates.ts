import { CLOCK, dayOf, type Groups, timeOf } from "./clock.js";

const MONTH_NAMES = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const MONTH = String.raw`(?<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?`;
/** It says nothing that the date doesn't, and isn't compared with it. */
const WEEKDAY = String.raw`(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?`;
const DAY = String.raw`(?<day>\d{1,2})(?:st|nd|rd|th)?`;
const LONG_YEAR = String.raw`(?<year>\d{4})`;
const YEAR = String.raw`(?<year>\d{4}|['’]?\d{2})`;
const GAP = String.raw`(?:\s*[-/.,]\s*|\s+)`;
const TIME = String.raw`(?:(?:,?\s+(?:at\s+)?|T)${CLOCK}(?:\s*\([a-z ]{1,40}\))?)?`;

/** 3 Jan 2024 · Jan 3, 2024 · 2024-Jan-03 · 03JAN2024:10:00:00 · Wed Jan 03 10:00:00 +0000 2024 · January 2024 · 2024 January. */
const FORMS = [
  `${WEEKDAY}${DAY}${GAP}?${MONTH}${GAP}?${YEAR}${TIME}`,
  `${WEEKDAY}${MONTH}${GAP}?${DAY}${GAP}${YEAR}${TIME}`,
  `${LONG_YEAR}${GAP}?${MONTH}${GAP}?${DAY}${TIME}`,
  `${DAY}${MONTH}${LONG_YEAR}:${CLOCK}`,
  `${WEEKDAY}${MONTH}\\s+${DAY}\\s+${CLOCK}\\s+${LONG_YEAR}`,
  `${MONTH}${GAP}?(?<year>\\d{4}|['’]\\d{2})`,
  `${LONG_YEAR}${GAP}?${MONTH}`,
].map((form) => new RegExp(`^${form}$`, "iu"));

const LONGEST = 80;

/** Two digits are the years 1969 to 2068, as POSIX has it. */
const FIRST_OF_TWO_DIGITS = 69;

/** A date whose month is an English name or its beginning, found in a text. */
export interface MonthDate {
  /** Since 1970. */
  readonly milliseconds: number;
  /** Whether its year is two digits. */
  readonly isShort: boolean;
}

/** Whether a text has the form of a date with its month by name. */
export function isMonthForm(text: string): boolean {
  return partsOf(text) !== undefined;
}

/** Of a month of a year its first day; undefined for what is no such date, 31 February too. */
export function readMonthDate(text: string): MonthDate | undefined {
  const groups = partsOf(text);
  if (groups === undefined) return undefined;
  const { month = "", day = "1", year = "" } = groups;
  const digits = year.replace(/\D/, "");
  const isShort = digits.length === 2;
  const century = Number(digits) < FIRST_OF_TWO_DIGITS ? 2000 : 1900;
  const date = dayOf(Number(digits) + (isShort ? century : 0), numberOf(month), Number(day));
  const time = timeOf(groups);
  return date === undefined || time === undefined ? undefined : { milliseconds: date + time, isShort };
}

function partsOf(text: string): Groups | undefined {
  if (text.length > LONGEST || !/\d/.test(text) || !/[a-z]{3}/i.test(text)) return undefined;
  for (const form of FORMS) {
    const groups = form.exec(text)?.groups;
    if (groups !== undefined) return groups;
  }
  return undefined;
}

function numberOf(month: string): number {
  return MONTH_NAMES.indexOf(month.slice(0, 3).toLowerCase()) + 1;
}
