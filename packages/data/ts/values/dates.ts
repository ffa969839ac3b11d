import { CLOCK, dayOf, timeOf } from "./clock.js";
import { isMonthForm, readMonthDate } from "./month-dates.js";

/** The order of day, month and year in a column of dates. */
export type DateOrder = "ymd" | "dmy" | "mdy";

export const DATE_ORDERS = ["ymd", "dmy", "mdy"] as const;

const TIME = `(?:[T ]+${CLOCK})?`;
const YEAR_FIRST = new RegExp(String.raw`^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})${TIME}$`, "iu");
const YEAR_LAST = new RegExp(String.raw`^(\d{1,2})([-/.])(\d{1,2})\2(\d{4})${TIME}$`, "iu");
const LONGEST = 40;

/** "year last" leaves open whether the day or the month stands first. */
export type DateForm = "ymd" | "year last" | "month by name";

/** Whether a text has the form of a date. */
export function dateForm(text: string): DateForm | undefined {
  if (text.length <= LONGEST) {
    if (YEAR_FIRST.test(text)) return "ymd";
    if (YEAR_LAST.test(text)) return "year last";
  }
  return isMonthForm(text) ? "month by name" : undefined;
}

/**
 * Milliseconds since 1970 of a date, or of a date and a time, which is taken as UTC where it doesn't say its zone.
 * Where the year stands first, or the month by name, there is one order only. Undefined for what is none, 31/02 too.
 */
export function readDate(text: string, order: DateOrder): number | undefined {
  const parts = numericParts(text, order);
  if (parts === undefined) return readMonthDate(text)?.milliseconds;
  const date = dayOf(Number(parts.year), Number(parts.month), Number(parts.day));
  const ofDay = timeOf(parts.groups);
  return date === undefined || ofDay === undefined ? undefined : date + ofDay;
}

function numericParts(text: string, order: DateOrder) {
  if (text.length > LONGEST) return undefined;
  const yearFirst = YEAR_FIRST.exec(text);
  if (yearFirst !== null) {
    const [, year, , month, day] = yearFirst;
    return { year, month, day, groups: yearFirst.groups ?? {} };
  }
  const yearLast = order === "ymd" ? null : YEAR_LAST.exec(text);
  if (yearLast === null) return undefined;
  const [, first, , second, year] = yearLast;
  const [day, month] = order === "dmy" ? [first, second] : [second, first];
  return { year, month, day, groups: yearLast.groups ?? {} };
}

/**
 * Which order dates with the year at their end have: the one in which all of them are days that there are. Where both are,
 * `isCertain` is false, and the day is taken to stand first unless `preferred` says otherwise. Undefined where neither is.
 */
export function orderOf(
  texts: Iterable<string>,
  preferred: DateOrder = "dmy",
): { readonly order: DateOrder; readonly isCertain: boolean } | undefined {
  const fits = { dmy: true, mdy: true };
  for (const text of texts) {
    fits.dmy &&= readDate(text, "dmy") !== undefined;
    fits.mdy &&= readDate(text, "mdy") !== undefined;
  }
  if (fits.dmy && fits.mdy) return { order: preferred === "mdy" ? "mdy" : "dmy", isCertain: false };
  if (!fits.dmy && !fits.mdy) return undefined;
  return { order: fits.dmy ? "dmy" : "mdy", isCertain: true };
}
