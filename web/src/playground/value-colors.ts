import { themeRgb } from "../theme.js";

/** Colours from the smallest number to the largest. */
export const LEVELS = 64;

/** Which of {@link LEVELS} a number has between the smallest and the largest. */
export function levelOf(value: number, [low, high]: readonly [number, number]): number {
  const share = high > low ? (value - low) / (high - low) : 0.5;
  return Math.round(Math.max(0, Math.min(1, share)) * (LEVELS - 1)) || 0;
}

/** From the first class's colour by a middle one to the second's: red, green and blue. */
export function valueRgbs(): readonly (readonly number[])[] {
  const [low, middle, high] = [themeRgb("--class-0"), themeRgb("--value-middle"), themeRgb("--class-1")];
  return Array.from({ length: LEVELS }, (_, level) => {
    const share = (2 * level) / (LEVELS - 1) - 1;
    const end = share < 0 ? low : high;
    return middle.map((from, channel) => from + Math.abs(share) * ((end[channel] ?? 0) - from));
  });
}

export function valueColors(): readonly string[] {
  return valueRgbs().map((channels) => `rgb(${channels.map(Math.round).join(" ")})`);
}
