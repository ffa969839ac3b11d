// npm run bench: what Layerwise takes for its kernels and its training steps, and what others take.
import { mkdirSync, writeFileSync } from "node:fs";
import { compare } from "./compare.js";
import { buildEngines } from "./engine.js";
import { describeMachine } from "./machine.js";
import type { Measurement } from "./measurement.js";
import { type BenchOptions, parseOptions } from "./options.js";
import { peersChart } from "./peers-chart.js";
import { describeRun, report } from "./report.js";
import { type Absence, type Results, writeResults } from "./results.js";
import { scalingChart } from "./scaling-chart.js";
import { SUITE_RUNS } from "./suites.js";

const RESULTS = new URL("results/", import.meta.url);
const LATEST = new URL("latest.json", RESULTS);
const PEERS_CHART = new URL("peers.svg", RESULTS);
const SCALING_CHART = new URL("scaling.svg", RESULTS);

async function main(options: BenchOptions): Promise<void> {
  buildEngines();
  const machine = describeMachine();
  const print = (text: string) => void process.stdout.write(`${text}\n`);
  if (!options.json) print(`${describeRun(machine)}\n`);
  const measurements: Measurement[] = [];
  const absent: Absence[] = [];
  for (const suite of options.suites) {
    const outcome = await SUITE_RUNS[suite](options);
    measurements.push(...outcome.measurements);
    absent.push(...(outcome.absent ?? []));
    if (options.json) for (const measurement of outcome.measurements) print(JSON.stringify(measurement));
    else print(`${report(suite, measurements, absent)}\n`);
  }
  const results: Results = { date: new Date().toISOString(), machine, measurements, absent };
  const charts = [
    { file: PEERS_CHART, svg: peersChart(results) },
    { file: SCALING_CHART, svg: scalingChart(results) },
  ];
  if (options.isComplete) {
    mkdirSync(RESULTS, { recursive: true });
    writeResults(LATEST, results);
    for (const { file, svg } of charts) if (svg !== undefined) writeFileSync(file, svg);
  }
  if (options.save !== undefined) writeResults(options.save, results);
  if (options.compare !== undefined) {
    const comparison = compare(measurements, options.compare);
    if (options.json) process.stderr.write(`${comparison}\n`);
    else print(comparison);
  }
}

await main(parseOptions(process.argv));
