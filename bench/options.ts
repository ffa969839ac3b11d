import { Command, InvalidArgumentError, Option } from "commander";
import type { SuiteName } from "./measurement.js";
import { type Results, readResults } from "./results.js";
import type { Pace } from "./rounds.js";
import { WORKS } from "./works.js";

const SUITES: readonly SuiteName[] = [
  "kernels",
  "training",
  "scaling",
  "threads",
  "caller",
  "layers",
  "peers",
];
/** Suites that time the works of works.ts. */
const SUITES_OF_WORKS: readonly SuiteName[] = ["training", "threads", "peers"];

/**
 * Medians of few rounds can't be compared on a shared machine.
 * From 4 epochs on, fit has the data set in wasm memory: what is timed must not hang on how fast the machine is.
 */
const PACE: Pace = { rounds: 21, slice: 0.5, calls: 0.08, passes: 4 };
const QUICK_PACE: Pace = { rounds: 2, slice: 0.01, calls: 0.01, passes: 1 };

export interface BenchOptions {
  readonly suites: readonly SuiteName[];
  /** Names of works.ts. */
  readonly works: readonly string[];
  readonly pace: Pace;
  readonly quick: boolean;
  readonly json: boolean;
  /** An earlier run. */
  readonly compare: Results | undefined;
  readonly save: string | undefined;
  /** Nothing was left out: the results may be published. */
  readonly isComplete: boolean;
}

export function parseOptions(argv: readonly string[]): BenchOptions {
  const works = WORKS.map(({ name }) => name);
  const program = new Command("npm run bench --")
    .description(
      "Times kernels, training steps and peers, and shows tables. A complete run writes bench/results/.",
    )
    .addOption(new Option("--suite <name...>", "only these suites (default: all)").choices(SUITES))
    .addOption(
      new Option("--work <name...>", "only these works, in the suites training, threads and peers").choices(
        works,
      ),
    )
    .option("--json", "print one line of JSON for each measurement, and nothing else")
    .option("--quick", "a smoke run of a few seconds: everything runs, no number means much")
    .option(
      "--compare <file>",
      "show what got slower since the run whose results this file holds",
      readEarlier,
    )
    .option("--save <file>", "write the results to this file")
    .parse(argv);
  const { suite, work, json, quick, compare, save } = program.opts<{
    suite?: SuiteName[];
    work?: string[];
    json?: boolean;
    quick?: boolean;
    compare?: Results;
    save?: string;
  }>();
  return {
    suites: suite ?? (work === undefined ? SUITES : SUITES_OF_WORKS),
    works: work ?? (quick ? works.filter((name) => name !== "wide") : works),
    pace: quick ? QUICK_PACE : PACE,
    quick: quick ?? false,
    json: json ?? false,
    compare,
    save,
    isComplete: suite === undefined && work === undefined && !quick,
  };
}

function readEarlier(file: string): Results {
  try {
    return readResults(file);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}
