import { EnvironmentError } from "layerwise";

export interface Engine {
  readonly bullmq: typeof import("bullmq");
  readonly Redis: typeof import("ioredis").Redis;
}

let loaded: Promise<Engine> | undefined;

/** BullMQ and its client, which nothing but the form with a server needs. Raises EnvironmentError where they aren't installed. */
export function loadEngine(): Promise<Engine> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<Engine> {
  try {
    const [bullmq, { Redis }] = await Promise.all([import("bullmq"), import("ioredis")]);
    return { bullmq, Redis };
  } catch (cause) {
    throw new EnvironmentError(
      "redis",
      "the packages bullmq and ioredis (npm install bullmq ioredis)",
      cause instanceof Error ? cause.message.slice(0, 200) : String(cause),
      { cause },
    );
  }
}
