import { ConfigError } from "layerwise";
import { PREFIX } from "./connection.js";

export const DEFAULT_QUEUE = "default";

/** Raises ConfigError. */
export function checkQueue(name: string): string {
  if (/^[\w.-]{1,64}$/.test(name)) return name;
  throw new ConfigError(
    "queue",
    "1 to 64 letters, digits, dots and hyphens",
    JSON.stringify(name.slice(0, 70)),
  );
}

/** Each build has a queue of its own: what another build would train is never taken by mistake. */
export function nameOfQueue(queue: string, build: string): string {
  return `${queue}@${build.replaceAll(/[^\w.-]/g, "-")}`;
}

/** The set of builds that have or had jobs or workers. */
export function buildsKey(queue: string): string {
  return `${PREFIX}:builds:${queue}`;
}

export function workerKey(queue: string, id: string): string {
  return `${PREFIX}:worker:${queue}:${id}`;
}
