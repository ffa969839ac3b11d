import { readFileSync } from "node:fs";
import { ConfigError, StorageError } from "layerwise";

/** Where a server is, and how to be let in: never shown but by `shown`, never in a job, a journal or a message. */
export interface RedisAddress {
  /** Without anything that is secret: `redis://example.org:6379/0`. */
  readonly shown: string;
  readonly host: string;
  readonly port: number;
  readonly db: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** Of rediss: whose certificates are trusted; undefined: those that Node trusts. */
  readonly tls: { readonly ca: string | undefined } | undefined;
}

/** Taken from the environment where the address doesn't have them, so that they needn't stand on a command line. */
export const VARIABLES = {
  address: "LAYERWISE_REDIS",
  username: "LAYERWISE_REDIS_USERNAME",
  password: "LAYERWISE_REDIS_PASSWORD",
  /** A file with certificates, for rediss. */
  ca: "LAYERWISE_REDIS_CA",
} as const;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * `redis://host:6379`, or `rediss://` for TLS, with user, password and number of the database as URLs have them. Raises ConfigError, whose text
 * shows nothing of what was given: a password may stand anywhere in it.
 */
export function readAddress(given: string | undefined, environment: Environment = process.env): RedisAddress {
  const text = given ?? environment[VARIABLES.address];
  if (text === undefined || text === "")
    throw new ConfigError("redis", `an address such as redis://host:6379, or ${VARIABLES.address}`, "none");
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["redis:", "rediss:"].includes(url.protocol) || url.hostname === "")
    throw new ConfigError(
      "redis",
      "an address such as redis://host:6379 or rediss://host:6379",
      "another text",
    );
  const db = /^\/(\d{1,4})?$/.exec(url.pathname === "" ? "/" : url.pathname);
  if (db === null) throw new ConfigError("redis", "the number of a database behind the port", "another path");
  const port = url.port === "" ? 6379 : Number(url.port);
  const isSecure = url.protocol === "rediss:";
  const ca = environment[VARIABLES.ca];
  return {
    shown: `${url.protocol}//${url.hostname}:${port}/${db[1] ?? 0}`,
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port,
    db: Number(db[1] ?? 0),
    username: decoded(url.username) ?? environment[VARIABLES.username],
    password: decoded(url.password) ?? environment[VARIABLES.password],
    tls: isSecure ? { ca: ca === undefined || ca === "" ? undefined : readCa(ca) } : undefined,
  };
}

function decoded(part: string): string | undefined {
  if (part === "") return undefined;
  try {
    return decodeURIComponent(part);
  } catch {
    throw new ConfigError("redis", "user and password with % written as %25", "a % by itself");
  }
}

function readCa(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new StorageError(path, `a file with certificates, as ${VARIABLES.ca} says`, String(cause), {
      cause,
    });
  }
}

/** The same for a process that is started: in its environment, which other users can't read, not among its arguments. */
export function environmentOf({ shown, username, password }: RedisAddress): Record<string, string> {
  return {
    [VARIABLES.address]: shown,
    ...(username !== undefined && { [VARIABLES.username]: username }),
    ...(password !== undefined && { [VARIABLES.password]: password }),
  };
}
