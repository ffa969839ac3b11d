import { DataError } from "layerwise";
import { counted, listed } from "../platform/describe.js";
import type { Column, DateColumn, LevelColumn, NumberColumn } from "../table/column.js";
import type { Note } from "../table/note.js";
import { countsOf, momentsOf, quantileOf, sortedValues } from "../table/summary.js";
import { asLevels, yearOf } from "./convert.js";
import { quantileStep } from "./fit-quantiles.js";
import type { ColumnOptions, Limit, PipelineSettings, Scaling } from "./options.js";
import type { ClipStep, ImputeStep, NumberStep, PreparedColumn, QuantileStep, ScaleStep } from "./plan.js";

/** How a column is prepared, by its training rows. Raises DataError where it isn't of the type that was asked for. */
export function fitColumn(
  column: Column,
  options: ColumnOptions,
  settings: PipelineSettings,
  notes: Note[],
): PreparedColumn {
  const type = options.type ?? (column.type === "text" ? "category" : column.type);
  if (type === "category") return fitCategory(asLevels(column), settings, notes);
  if (type !== column.type) {
    throw new DataError(
      `columns.${column.name}.type`,
      `${column.type}, as the table has it, or category`,
      type,
    );
  }
  if (column.type === "number") return fitNumber(column, options, settings);
  return column.type === "date" ? fitDate(column) : fitBoolean(column as LevelColumn);
}

function fitNumber(
  { name, values, missingTexts }: NumberColumn,
  options: ColumnOptions,
  settings: PipelineSettings,
): PreparedColumn {
  const sorted = sortedValues(values);
  if (sorted.length === 0) throw new DataError(`column ${name}`, "a number in some row", "none");
  const indicator = sorted.length < values.length;
  const impute: ImputeStep = { type: "impute", value: quantileOf(sorted, 0.5), indicator };
  const scaling = scaleStep(sorted, options.scaling ?? settings.scaling, name, settings.mostQuantiles);
  const clip = clipStep(options.limit ?? settings.limit);
  const steps: NumberStep[] = [
    impute,
    ...(scaling === undefined ? [] : [scaling]),
    ...(clip === undefined ? [] : [clip]),
  ];
  return { name, type: "number", missing: missingTexts, steps };
}

/** Of the normal distribution the quartiles are 1.349 deviations apart. */
const QUARTILES_APART = 1.349;

function scaleStep(
  sorted: Float64Array,
  type: Scaling,
  name: string,
  mostQuantiles: number,
): ScaleStep | QuantileStep | undefined {
  if (type === "none") return undefined;
  if (type === "quantileNormal") return quantileStep(sorted, name, mostQuantiles);
  const [lowest = 0, highest = 0] = [sorted[0], sorted.at(-1)];
  const { mean, deviation } = momentsOf(sorted);
  const spread = (quantileOf(sorted, 0.75) - quantileOf(sorted, 0.25)) / QUARTILES_APART;
  const [center, scale] =
    type === "minMax"
      ? [lowest, highest - lowest]
      : type === "standard"
        ? [mean, deviation]
        : // More than half of the values may be one.
          [quantileOf(sorted, 0.5), spread > 0 ? spread : deviation];
  if (!Number.isFinite(center) || !Number.isFinite(scale)) {
    throw new DataError(name, "numbers whose squares a float64 holds", `${lowest} to ${highest}`);
  }
  return { type, center, scale: scale > 0 ? scale : 1 };
}

function clipStep(limit: Limit): ClipStep | undefined {
  if (limit === false) return undefined;
  return "soft" in limit ? { type: "softClip", limit: limit.soft } : { type: "clip", limit: limit.hard };
}

function fitCategory(
  column: LevelColumn,
  { rareBelow, maxLevels }: PipelineSettings,
  notes: Note[],
): PreparedColumn {
  const { name, codes, levels, missingTexts } = column;
  const counts = countsOf(codes, levels.length);
  const present = levels
    .map((level, i) => ({ level, count: counts[i] ?? 0 }))
    .filter(({ count }) => count > 0);
  const byCount = present.sort((a, b) => b.count - a.count || (a.level < b.level ? -1 : 1));
  const kept = byCount.filter(({ count }, i) => count >= rareBelow && i < maxLevels);
  const rare = byCount.slice(kept.length);
  if (rare.length > 0) {
    const rows = rare.reduce((sum, { count }) => sum + count, 0);
    const message = `${counted(rare.length, "rare level")} in ${counted(rows, "row")} joined: ${listed(rare.map(({ level }) => level))}`;
    notes.push({ kind: "rare", column: name, message });
  }
  const missing = codes.some((code) => code < 0);
  const sorted = kept.map(({ level }) => level).sort((a, b) => (a < b ? -1 : 1));
  const step = { type: "oneHot", levels: sorted, other: rare.length > 0, missing } as const;
  return { name, type: "category", missing: missingTexts, steps: [step] };
}

function fitBoolean({ name, codes, levels, missingTexts }: LevelColumn): PreparedColumn {
  const counts = countsOf(codes, levels.length);
  const [no = 0, yes = 0] = [counts[levels.indexOf("false")], counts[levels.indexOf("true")]];
  const value = no + yes === 0 ? 0 : yes / (no + yes);
  const step = { type: "truth", value, indicator: codes.some((code) => code < 0) } as const;
  return { name, type: "boolean", missing: missingTexts, steps: [step] };
}

const DAY = 86_400_000;

function fitDate({ name, values, order, missingTexts }: DateColumn): PreparedColumn {
  const present = sortedValues(values);
  const years = present.map(yearOf);
  const { mean, deviation } = momentsOf(years);
  const hasTimes = present.some((value) => value % DAY !== 0);
  const step = {
    type: "dateParts",
    parts: ["year", "month", "weekday", ...(hasTimes ? (["hour"] as const) : [])],
    center: mean,
    scale: deviation > 0 ? deviation : 1,
    indicator: present.length < values.length,
  } as const;
  return { name, type: "date", missing: missingTexts, order, steps: [step] };
}
