import { POSITIVE } from "../catalog/ranges.js";
import { checkBoolean, checkInteger, checkNumber, readOptions } from "../config/validation.js";
import { ConfigError } from "../errors/errors.js";
import { storeOrFiles } from "./chosen-store.js";
import { checkPath, MOST_KEPT, type ModelStore } from "./store.js";

/** Where and how often {@link Network.fit} writes down where it is. */
export interface CheckpointOptions {
  /** The file; older generations are beside it. */
  readonly path: string | URL;
  /** Steps from one to the next: an integer >= 1. */
  readonly everySteps?: number;
  /** Seconds from one to the first step's end that makes the next: a number > 0. Default 60 if everySteps isn't given. */
  readonly everySeconds?: number;
  /**
   * Whether it writes after the best epoch so far alone, the one of `history.best`: by early stopping's monitor, or where that
   * isn't asked for by `validation.loss`. Not at the end then, and not by steps or seconds: it is refused beside them.
   * Default false.
   */
  readonly bestOnly?: boolean;
  /** How many generations stay besides the newest: an integer in [0, 9]. Default 1. */
  readonly keep?: number;
  /** Default: the file system in Node; browsers need one, such as browserStore(). */
  readonly store?: ModelStore;
}

/** How often, and how many generations. */
export interface CheckpointSchedule {
  readonly bestOnly: boolean;
  readonly everySteps: number | undefined;
  readonly everySeconds: number | undefined;
  readonly keep: number;
}

export interface CheckpointSettings extends CheckpointSchedule {
  readonly path: string;
  readonly store: ModelStore;
}

const DEFAULT: CheckpointSchedule = { bestOnly: false, everySteps: undefined, everySeconds: 60, keep: 1 };

/** Checks the options; what isn't given is as in `before`. Raises ConfigError. */
export function resolveCheckpoint(
  options: Partial<CheckpointOptions>,
  before: Partial<CheckpointSettings> & CheckpointSchedule = DEFAULT,
): CheckpointSettings {
  const { everySteps, everySeconds, ...given } = readOptions("checkpoint", "checkpoint", options);
  const { path = before.path, store = before.store, keep = before.keep } = given;
  const bestOnly = checkBoolean("checkpoint.bestOnly", given.bestOnly ?? before.bestOnly);
  const often = { everySteps: checkEverySteps(everySteps), everySeconds: checkEverySeconds(everySeconds) };
  const isGiven = everySteps !== undefined || everySeconds !== undefined;
  if (isGiven && bestOnly) {
    const expected = "false beside everySteps or everySeconds: it writes after the best epoch alone";
    throw new ConfigError("checkpoint.bestOnly", expected, "true");
  }
  const last = before.bestOnly ? DEFAULT : before;
  return {
    path: checkPath("checkpoint.path", path),
    store: storeOrFiles("checkpoint.store", store),
    bestOnly,
    ...(isGiven
      ? often
      : bestOnly
        ? NEVER
        : { everySteps: last.everySteps, everySeconds: last.everySeconds }),
    keep: checkKeep("checkpoint.keep", keep),
  };
}

const NEVER = { everySteps: undefined, everySeconds: undefined } as const;

function checkEverySteps(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  return checkInteger("checkpoint.everySteps", value, 1, Number.MAX_SAFE_INTEGER);
}

function checkEverySeconds(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  return checkNumber("checkpoint.everySeconds", value, ...POSITIVE);
}

/** How many generations besides the newest. */
export function checkKeep(path: string, value: unknown): number {
  return checkInteger(path, value, 0, MOST_KEPT);
}
