import type { Measurement, Subject } from "./measurement.js";
import type { Results } from "./results.js";
import { percent, table } from "./table.js";

/** Differences smaller than this are never called one, however still the machine was. */
const LEAST = 0.03;

interface Change {
  readonly subject: Subject;
  /** New over old. */
  readonly ratio: number;
  /** What the spreads of both runs let expect by chance. */
  readonly noise: number;
}

/** What got slower since an earlier run, as text. Peers are left out: they are not ours to mend. */
export function compare(now: readonly Measurement[], before: Results): string {
  const changes = now.flatMap((it) => {
    const earlier = before.measurements.find((other) => isSame(it, other));
    return earlier === undefined ? [] : [changeOf(it, earlier)];
  });
  const slower = changes
    .filter(({ ratio, noise }) => ratio < 1 - noise)
    .sort((a, b) => a.ratio - b.ratio)
    .map(({ subject: { suite, work, backend, dtype }, ratio, noise }) => [
      suite,
      work,
      backend,
      dtype,
      `−${percent(1 - ratio)}`,
      `±${percent(noise)}`,
    ]);
  const what = `${changes.length} measurements compared with the run of ${before.date}`;
  if (slower.length === 0) return `${what}: none got slower by more than their spread.`;
  const header = ["suite", "work", "backend", "dtype", "change", "spread"];
  return `${what}: ${slower.length} got slower by more than their spread.\n\n${table(header, slower, 4)}`;
}

function isSame(a: Subject, b: Subject): boolean {
  const isOurs = a.backend.startsWith("layerwise");
  const fields = ["suite", "work", "backend", "threads", "dtype"] as const;
  return isOurs && fields.every((field) => a[field] === b[field]);
}

/** By the fraction of peak where there is one: a machine that is slower altogether is no news. */
function changeOf(now: Measurement, before: Measurement): Change {
  const { suite, work, backend, threads, dtype } = now;
  const ratio =
    now.fraction_of_peak !== undefined && before.fraction_of_peak !== undefined
      ? now.fraction_of_peak / before.fraction_of_peak
      : now.examples_per_s / before.examples_per_s;
  const noise = Math.max(LEAST, Math.hypot(spreadOf(now), spreadOf(before)));
  return { subject: { suite, work, backend, threads, dtype }, ratio, noise };
}

/** Half of the rounds lie within this, relatively. */
function spreadOf({ quartiles: [first, third], examples_per_s }: Measurement): number {
  return (third - first) / examples_per_s;
}
