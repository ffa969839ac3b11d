// The part of a date's text that says the time of day, and days that there are.

/** 10:00, 10:00:00.5, 10:00 PM, with a zone behind it: a pattern with named groups, to be matched without regard to case. */
export const CLOCK = String.raw`(?<hour>\d{1,2}):(?<minute>\d{2})(?::(?<second>\d{2})(?:[.,](?<fraction>\d{1,9}))?)?(?:\s*(?<half>[ap])\.?m\b\.?)?(?:\s*(?<zone>Z|(?:UTC|GMT|UT)?[+-]\d{2}(?::?\d{2})?|UTC|GMT|UT|[ECMP][SD]T))?`;

/** What a pattern's named groups matched; undefined where one wasn't there. */
export type Groups = Readonly<Record<string, string | undefined>>;

/** Hours before UTC of RFC 5322's names of American zones, in summer one less. */
const WEST: Readonly<Record<string, number>> = { E: 5, C: 6, M: 7, P: 8 };

/** Milliseconds since midnight in UTC by {@link CLOCK}'s groups; undefined for a time that there isn't. */
export function timeOf(groups: Groups): number | undefined {
  const { hour = "0", minute = "0", second = "0", fraction = "0", half, zone } = groups;
  const hours = half === undefined ? Number(hour) : hoursOf(Number(hour), half);
  if (!(hours <= 23) || Number(minute) > 59 || Number(second) > 59) return undefined;
  const seconds = hours * 3600 + Number(minute) * 60 + Number(second);
  return seconds * 1000 + Math.trunc(Number(`0.${fraction}`) * 1000) - offsetOf(zone);
}

/** Of twelve hours: 12 AM is midnight. */
function hoursOf(hour: number, half: string): number {
  if (hour < 1 || hour > 12) return Number.NaN;
  return (hour % 12) + (half.toLowerCase() === "p" ? 12 : 0);
}

function offsetOf(zone = "Z"): number {
  const [, sign, hours, minutes = "0"] = /([+-])(\d{2}):?(\d{2})?$/.exec(zone) ?? [];
  if (sign !== undefined) {
    const offset = Number(hours) * 60 + Number(minutes);
    return (sign === "-" ? -offset : offset) * 60_000;
  }
  const [first = "", summer] = zone.toUpperCase();
  const west = zone.length === 3 ? WEST[first] : undefined;
  return west === undefined ? 0 : -(west - (summer === "D" ? 1 : 0)) * 3_600_000;
}

/** Milliseconds since 1970 of a day's beginning; undefined for one that there isn't. */
export function dayOf(year: number, month: number, day: number): number | undefined {
  const date = Date.UTC(year, month - 1, day);
  const back = new Date(date);
  const isThere =
    back.getUTCFullYear() === year && back.getUTCMonth() === month - 1 && back.getUTCDate() === day;
  return isThere ? date : undefined;
}
