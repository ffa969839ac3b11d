import {
  type BlobStore,
  BullRunner,
  FolderStore,
  LocalRunner,
  type Runner,
  readAddress,
} from "@layerwise/cluster";
import { ConfigError } from "layerwise";
import { SERVER, STORE } from "../options/cluster-rows.js";
import type { OptionRow } from "../options/option-row.js";
import type { Values } from "../options/read-options.js";
import type { Saying } from "../terminal/saying.js";

/** Where many trainings run. */
export const PROCESSES: readonly OptionRow[] = [
  {
    key: "processes",
    value: { kind: "integer", least: 1, most: 1024 },
    help: "trainings side by side on this machine; the result is the same for any number",
    default: "one a processor",
    letter: "p",
  },
  {
    key: "threads",
    value: { kind: "integer", least: 1, most: 64 },
    help: "of each training",
    default: "1",
  },
  ...SERVER,
  STORE,
];

/** What trainings run on, and where their checkpoints and data lie. */
export interface Place {
  readonly runner: Runner;
  readonly store: BlobStore;
  /** Whether workers get the data from the store, since they see other paths. */
  readonly storeData: boolean;
}

/** This machine's processes, with the store in this folder; or with --redis the workers of a queue. */
export async function placeOf(folder: string, values: Values, saying: Saying): Promise<Place> {
  const { processes, threads, redis, queue, store } = values as {
    processes?: number;
    threads?: number;
    redis?: string;
    queue?: string;
    store?: string;
  };
  const onNote = (text: string) => saying.say(text);
  if (redis === undefined && queue === undefined) {
    const own = store ?? folder;
    const runner = new LocalRunner({
      store: own,
      ...(processes !== undefined && { processes }),
      ...(threads !== undefined && { threads }),
      onNote,
    });
    return { runner, store: new FolderStore(own), storeData: false };
  }
  for (const [name, value] of Object.entries({ processes, threads })) {
    if (value !== undefined)
      throw new ConfigError(`--${name}`, "none with --redis: workers have their own", `${value}`);
  }
  const runner = await BullRunner.open({
    address: readAddress(redis),
    ...(queue !== undefined && { queue }),
    ...(store !== undefined && { store }),
    onNote,
  });
  return { runner, store: runner.store, storeData: true };
}

/** Runs it with a signal that Ctrl-C aborts; a second one ends the process. Undefined where it was interrupted. */
export async function interruptible<Value>(
  saying: Pick<Saying, "say">,
  said: string,
  run: (signal: AbortSignal) => Promise<Value>,
): Promise<Value | undefined> {
  const stop = new AbortController();
  const onInterrupt = () => {
    if (stop.signal.aborted) process.exit(130);
    saying.say(`\n${said}`);
    stop.abort(new Error("interrupted"));
  };
  process.on("SIGINT", onInterrupt);
  try {
    return await run(stop.signal);
  } catch (error) {
    if (stop.signal.aborted && error === stop.signal.reason) return undefined;
    throw error;
  } finally {
    process.off("SIGINT", onInterrupt);
  }
}
