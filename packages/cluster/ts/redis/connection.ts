import type { Redis } from "ioredis";
import { EnvironmentError } from "layerwise";
import type { RedisAddress } from "./address.js";
import { loadEngine } from "./load.js";

/** Before each of BullMQ's keys and ours. */
export const PREFIX = "layerwise";

/** Milliseconds between two attempts to reach a server that was lost, at most. */
const LONGEST_PAUSE = 2000;

/** Milliseconds for the first contact. */
const FIRST_CONTACT = 10_000;

/** Milliseconds without an answer after which a connection is taken for lost: waiting reads are answered every 5 s. */
const SILENCE = 30_000;

/**
 * A connection that outlives its server's restarts: what is asked meanwhile waits. Raises EnvironmentError where the server can't be
 * reached at first, doesn't let us in, or is older than BullMQ needs.
 */
export async function connect(
  address: RedisAddress,
  onNote: (text: string) => void = () => {},
): Promise<Redis> {
  const { Redis } = await loadEngine();
  const { host, port, db, username, password, tls } = address;
  const redis = new Redis({
    ...{ host, port, db },
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls !== undefined && { tls: tls.ca === undefined ? {} : { ca: tls.ca } }),
    lazyConnect: true,
    maxRetriesPerRequest: null,
    connectTimeout: FIRST_CONTACT,
    socketTimeout: SILENCE,
    keepAlive: 10_000,
    retryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 8), LONGEST_PAUSE),
  });
  redis.on("error", () => {}); // Each attempt's; what matters is said by `watch`.
  await firstContact(redis, address);
  watch(redis, address, onNote);
  return redis;
}

/** Says when a server is lost and when it is back, once each; errors name no more than the address. */
function watch(redis: Redis, { shown }: RedisAddress, onNote: (text: string) => void): void {
  let isLost = false;
  redis.on("close", () => {
    if (isLost || redis.status === "end") return;
    isLost = true;
    onNote(`lost ${shown}: waiting until it is back`);
  });
  redis.on("ready", () => {
    if (isLost) onNote(`${shown} is back`);
    isLost = false;
  });
}

async function firstContact(redis: Redis, { shown }: RedisAddress): Promise<void> {
  let last: unknown;
  const note = (error: unknown) => {
    last = error;
  };
  redis.on("error", note);
  const timer = setTimeout(() => redis.disconnect(), FIRST_CONTACT);
  try {
    await redis.connect();
    await redis.ping();
  } catch (error) {
    redis.disconnect();
    throw new EnvironmentError("redis", `a server at ${shown} that lets us in`, plainText(last ?? error));
  } finally {
    clearTimeout(timer);
    redis.off("error", note);
  }
}

/** Of an error of the client's nothing but its message's first words: its other fields hold the command, and so a password. */
export function plainText(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.split("\n")[0]?.slice(0, 160) ?? "";
}
