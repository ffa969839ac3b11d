// train --rounds: one network on several processes, or on several machines.
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import {
  BullRunner,
  buildOf,
  FolderStore,
  LocalRounds,
  LocalRunner,
  type ModelRounds,
  PLAIN_AVERAGE,
  type RoundReport,
  readAddress,
  trainModelInRounds,
} from "@layerwise/cluster";
import type { Model, Table, TrainOptions } from "@layerwise/data";
import { ConfigError } from "layerwise";
import { flagOf } from "../options/option-row.js";
import type { Values } from "../options/read-options.js";
import type { Curve } from "../report/report-data.js";
import type { Saying } from "../terminal/saying.js";
import { littleRoomText, roundsStore } from "./what-is-kept.js";

export interface RoundsCall {
  readonly values: Values;
  /** Where the command's files go. */
  readonly folder: string;
  readonly resume: boolean;
  readonly signal: AbortSignal;
  readonly saying: Saying;
}

const ROUNDS_ALONE = [
  "localSteps",
  "shards",
  "outerLearningRate",
  "outerMomentum",
  "redis",
  "queue",
  "store",
];

/** Whether training goes in rounds. Raises ConfigError for options of rounds without --rounds. */
export function isInRounds(values: Values): boolean {
  if (values.rounds !== undefined) return true;
  const alone = [...ROUNDS_ALONE, "processes"].find((key) => values[key] !== undefined);
  if (alone !== undefined) throw new ConfigError(flagOf(alone), "--rounds beside it", "none");
  return false;
}

/** Trains the network, on this machine's processes or by a server. */
export async function trainInRounds(
  table: Table,
  options: TrainOptions,
  call: RoundsCall,
): Promise<{ readonly model: Model; readonly curves: Curve[]; forget(): Promise<void> }> {
  const { values, signal, saying } = call;
  const { rounds = 1, localSteps = 50, shards = 4 } = values as Readonly<Record<string, number>>;
  const { outerLearningRate = PLAIN_AVERAGE.learningRate, outerMomentum = PLAIN_AVERAGE.momentum } =
    values as Readonly<Record<string, number>>;
  const outer = { learningRate: outerLearningRate, momentum: outerMomentum };
  const place = await open(call);
  try {
    const { model, outcome } = await trainModelInRounds(table, options, {
      ...{ rounds, localSteps, shards, outer, build: await buildOf(), signal },
      ...{ runner: place.runner, store: place.store },
      onRound: watcher(saying),
      onNote: (text) => saying.say(text),
      onLittleRoom: (room) => saying.say(littleRoomText(room)),
    });
    const { loss, validationLoss, bestRound } = outcome;
    const validation = validationLoss.map((one, i) => ({ epoch: i + 1, loss: one }));
    return { model, curves: [{ loss: [...loss], validation, best: bestRound }], forget: place.forget };
  } finally {
    await place.close();
  }
}

interface Place extends Pick<ModelRounds, "runner" | "store"> {
  /** Removes what is over and done with, once the model is written. */
  readonly forget: () => Promise<void>;
  close(): Promise<void>;
}

async function open({ values, folder, resume, saying }: RoundsCall): Promise<Place> {
  const onNote = (text: string) => saying.say(text);
  const { redis, queue, store, processes } = values as {
    redis?: string;
    queue?: string;
    store?: string;
    processes?: number;
  };
  if (redis === undefined && queue === undefined) {
    const own = roundsStore(folder, store);
    const forget = () => rm(own, { recursive: true, force: true });
    if (resume && !existsSync(own)) saying.say(`nothing to go on from in ${own}: training begins`);
    if (!resume && store === undefined) await forget();
    const runner = new LocalRunner({ store: own, onNote, ...(processes !== undefined && { processes }) });
    return {
      runner: new LocalRounds(runner),
      store: new FolderStore(own),
      forget: store === undefined ? forget : async () => {},
      close: () => runner.close(),
    };
  }
  if (processes !== undefined)
    throw new ConfigError("--processes", "none with --redis: workers have their own", `${processes}`);
  const runner = await BullRunner.open({
    address: readAddress(redis),
    ...(queue !== undefined && { queue }),
    ...(store !== undefined && { store }),
    onNote,
  });
  return {
    runner,
    store: runner.store,
    forget: async () => {},
    close: () => runner.close(),
  };
}

function watcher(saying: Saying): (report: RoundReport) => void {
  let last = performance.now();
  return ({ round, rounds, loss, validationLoss, examples }) => {
    const now = performance.now();
    const examplesPerSecond = (1000 * examples) / Math.max(0.01, now - last);
    last = now;
    const shown = { unit: "round", network: 0, networks: 1, epoch: round, epochs: rounds } as const;
    saying.progress({ ...shown, loss, validationLoss, examplesPerSecond });
  };
}
