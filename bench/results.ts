import { readFileSync, writeFileSync } from "node:fs";
import type { Machine } from "./machine.js";
import type { Measurement } from "./measurement.js";

/** A peer that could not take part. */
export interface Absence {
  readonly backend: string;
  readonly reason: string;
}

/** A whole run, as it stands in results/latest.json. */
export interface Results {
  readonly date: string;
  readonly machine: Machine;
  readonly measurements: readonly Measurement[];
  readonly absent: readonly Absence[];
}

export function writeResults(file: string | URL, { measurements, absent, ...head }: Results): void {
  const lines = (entries: readonly object[]) => entries.map((entry) => `    ${JSON.stringify(entry)}`);
  const fields = [
    ...Object.entries(head).map(([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)}`),
    `  "measurements": [\n${lines(measurements).join(",\n")}\n  ]`,
    `  "absent": [${absent.length === 0 ? "" : `\n${lines(absent).join(",\n")}\n  `}]`,
  ];
  writeFileSync(file, `{\n${fields.join(",\n")}\n}\n`);
}

export function readResults(file: string | URL): Results {
  const results: Results = JSON.parse(readFileSync(file, "utf8"));
  if (!Array.isArray(results.measurements)) throw new Error(`${file}: expected results of an earlier run`);
  return results;
}
