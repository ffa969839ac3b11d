/** The order of day, month and year in a column of dates. */
export type DateOrder = "ymd" | "dmy" | "mdy";

export const DATE_ORDERS = ["ymd", "dmy", "mdy"] as const;

const TIME = String.raw`(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|[+-]\d{2}:?\d{2})?)?`;
const YEAR_FIRST = new RegExp(String.raw`^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})${TIME}$`, "u");
const YEAR_LAST = new RegExp(String.raw`^(\d{1,2})([-/.])(\d{1,2})\2(\d{4})${TIME}$`, "u");
const LONGEST = 40;

/** Whether a text has the form of a date: "ymd", or "year last", which leaves open what stands first. */
export function dateForm(text: string): "ymd" | "year last" | undefined {
  if (text.length < 8 || text.length > LONGEST) return undefined;
  if (YEAR_FIRST.test(text)) return "ymd";
  return YEAR_LAST.test(text) ? "year last" : undefined;
}

/**
 * Milliseconds since 1970 of a date, or of a date and a time, which is taken as UTC where it doesn't say its zone.
 * Where the year stands first there is one order only. Undefined for what is none, 31/02 too.
 */
export function readDate(text: string, order: DateOrder): number | undefined {
  if (text.length > LONGEST) return undefined;
  const yearFirst = YEAR_FIRST.exec(text);
  const parts = yearFirst ?? (order === "ymd" ? null : YEAR_LAST.exec(text));
  if (parts === null) return undefined;
  const [, first, , second, third, ...time] = parts;
  const dayFirst = [third, second, first];
  const [year, month, day] =
    yearFirst !== null ? [first, second, third] : order === "dmy" ? dayFirst : [third, first, second];
  const date = dayOf(Number(year), Number(month), Number(day));
  const ofDay = timeOf(time);
  return date === undefined || ofDay === undefined ? undefined : date + ofDay;
}

function dayOf(year: number, month: number, day: number): number | undefined {
  const date = Date.UTC(year, month - 1, day);
  const back = new Date(date);
  const isThere =
    back.getUTCFullYear() === year && back.getUTCMonth() === month - 1 && back.getUTCDate() === day;
  return isThere ? date : undefined;
}

function timeOf([hour = "0", minute = "0", second = "0", fraction = "0", zone]: (string | undefined)[]):
  | number
  | undefined {
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const seconds = Number(hour) * 3600 + Number(minute) * 60 + Number(second);
  return seconds * 1000 + Math.trunc(Number(`0.${fraction}`) * 1000) - offsetOf(zone);
}

function offsetOf(zone: string | undefined): number {
  if (zone === undefined || zone === "Z") return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return (zone.startsWith("-") ? -minutes : minutes) * 60_000;
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
