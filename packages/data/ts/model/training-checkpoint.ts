import { ConfigError, EnvironmentError } from "layerwise";
import { describe } from "../platform/describe.js";
import { makeFolder } from "../platform/make-folder.js";
import { inNode, nodeModule } from "../platform/node-module.js";
import { checkBoolean, checkFunctions, checkNumber, checkOptions } from "../platform/options.js";

/** A folder with fewer bytes free than a training may write. */
export interface LittleRoom {
  readonly folder: string;
  readonly free: number;
  readonly needed: number;
}

/** Where a training is written down, so that it can be taken up again. */
export interface TrainCheckpoint {
  /** A folder, which is made where there is none: a file for each network. */
  readonly folder: string;
  /** Seconds from one writing to the next; each network is written at its end too. Default 60. */
  readonly everySeconds?: number;
  /**
   * Whether to go on with what is in the folder. Table and options must be those of the training that was interrupted: else a StateError
   * names what isn't. Where nothing is there training begins. Default false.
   */
  readonly resume?: boolean;
  /** Called before the first step where the folder's disk has less room than checkpoints and model may take. */
  readonly onLittleRoom?: (room: LittleRoom) => void;
}

/** With its defaults. */
export interface CheckpointSettings extends Required<Omit<TrainCheckpoint, "onLittleRoom">> {
  readonly onLittleRoom: TrainCheckpoint["onLittleRoom"];
}

const NAMES = [
  "folder",
  "everySeconds",
  "resume",
  "onLittleRoom",
] as const satisfies readonly (keyof TrainCheckpoint)[];

/** Raises ConfigError or EnvironmentError. */
export function checkCheckpoint(given: TrainCheckpoint): CheckpointSettings {
  if (typeof given !== "object" || given === null)
    throw new ConfigError("checkpoint", "{ folder }", describe(given));
  const {
    folder,
    everySeconds = 60,
    resume = false,
    onLittleRoom,
  } = checkOptions("checkpoint", given, NAMES);
  if (typeof folder !== "string" || folder === "")
    throw new ConfigError("checkpoint.folder", "a path", describe(folder));
  checkFunctions({ "checkpoint.onLittleRoom": onLittleRoom });
  if (!inNode()) throw new EnvironmentError("checkpoint", "a file system", "none");
  return {
    folder,
    onLittleRoom,
    everySeconds: checkNumber("checkpoint.everySeconds", everySeconds, (s) => s > 0, "a number above 0"),
    resume: checkBoolean("checkpoint.resume", resume),
  };
}

/** Where network k is written, and whether it is there already. */
export async function checkpointOf(folder: string, k: number): Promise<{ path: string; isThere: boolean }> {
  const { join } = await nodeModule<typeof import("node:path")>("node:path");
  const name = `network-${k}.checkpoint`;
  return { path: join(folder, name), isThere: (await filesIn(folder)).includes(name) };
}

/** Makes the folder, without what an earlier training left in it unless that goes on. Raises StorageError. */
export async function openFolder({ folder, resume }: CheckpointSettings): Promise<void> {
  if (!resume) await forgetCheckpoint(folder);
  await makeFolder(folder);
}

/** Removes what a training has written down there, and the folder where nothing else is in it; resolves to whether there was anything. */
export async function forgetCheckpoint(folder: string): Promise<boolean> {
  const { rm, rmdir } = await nodeModule<typeof import("node:fs/promises")>("node:fs/promises");
  const { join } = await nodeModule<typeof import("node:path")>("node:path");
  const names = await filesIn(folder);
  for (const name of names) await rm(join(folder, name), { force: true });
  await rmdir(folder).catch(() => undefined);
  return names.length > 0;
}

/** Networks, and what a writing that was broken off left beside them. */
async function filesIn(folder: string): Promise<string[]> {
  const { readdir } = await nodeModule<typeof import("node:fs/promises")>("node:fs/promises");
  return (await readdir(folder).catch((): string[] => [])).filter((name) =>
    /^network-\d+\.checkpoint/.test(name),
  );
}
