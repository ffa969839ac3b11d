import { ConfigError, StorageError } from "layerwise";
import { describe } from "../platform/describe.js";
import { inNode, nodeModule } from "../platform/node-module.js";
import { matchingFiles } from "./pattern.js";
import { isWebAddress, shownPlace, webAddress } from "./web-address.js";

/**
 * Where data come from. A text is a path, where there is a file system, else a URL; `*` and `?` in a path's last part stand
 * for any characters. User and password of a URL (`https://user:password@host/rows.csv`) are sent as such; they and what stands behind
 * `?` appear in no message, note or model. A list is several files of the same columns, one after the other.
 */
export type Source =
  | string
  | URL
  | Uint8Array
  | ArrayBuffer
  | Blob
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>;

/** One file: its name in errors and notes, its bytes when they are asked for, and their number, where it is known. */
export interface OpenedSource {
  readonly name: string;
  readonly size: number | undefined;
  bytes(): AsyncIterable<Uint8Array>;
  /** Those from `start` to before `end`, where they can be had without the others. */
  slice?(start: number, end: number): Promise<ArrayBuffer>;
}

/** Raises ConfigError or StorageError. */
export async function openSources(source: Source | readonly Source[]): Promise<OpenedSource[]> {
  const sources = Array.isArray(source) ? (source as readonly Source[]) : [source as Source];
  if (sources.length === 0) throw new ConfigError("source", "at least one file", "an empty list");
  const opened: OpenedSource[] = [];
  for (const one of sources) opened.push(...(await open(one)));
  return opened;
}

/** All bytes of one file. */
export async function allBytes(source: OpenedSource): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of source.bytes()) parts.push(part);
  if (parts.length === 1 && parts[0] !== undefined) return parts[0];
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

async function open(source: Source): Promise<OpenedSource[]> {
  if (typeof source === "string") return openText(source);
  if (source instanceof URL) return [await openUrl(source)];
  if (source instanceof Uint8Array) return [ofBytes(source)];
  if (source instanceof ArrayBuffer) return [ofBytes(new Uint8Array(source))];
  if (typeof Blob === "function" && source instanceof Blob) {
    const name = "name" in source && typeof source.name === "string" ? source.name : "the blob";
    const slice = (start: number, end: number) => source.slice(start, end).arrayBuffer();
    return [{ name, size: source.size, bytes: () => ofStream(source.stream()), slice }];
  }
  if (source instanceof ReadableStream) {
    return [{ name: "the stream", size: undefined, bytes: () => ofStream(source) }];
  }
  if (typeof source === "object" && source !== null && Symbol.asyncIterator in source) {
    return [{ name: "the stream", size: undefined, bytes: () => source }];
  }
  const expected = "a path, a URL, bytes, a Blob, a ReadableStream or an async iterable of bytes";
  throw new ConfigError("source", expected, describe(source));
}

function ofBytes(bytes: Uint8Array): OpenedSource {
  return {
    name: "the bytes",
    size: bytes.length,
    async *bytes() {
      // In parts, so that what reads them is never far ahead of what has been made of them.
      for (let at = 0; at < bytes.length; at += PART) yield bytes.subarray(at, at + PART);
    },
  };
}

const PART = 1 << 18;

async function openText(text: string): Promise<OpenedSource[]> {
  if (text === "") throw new ConfigError("source", "a path or a URL", '""');
  if (isWebAddress(text)) return [await openWeb(text)];
  if (/^(blob|data|file):/i.test(text)) return [await openUrl(new URL(text))];
  const [, scheme] = /^([a-z][a-z0-9+.-]+):\/\//i.exec(text) ?? [];
  if (scheme !== undefined)
    throw new StorageError(shownPlace(text), "a path, or a URL of http, https, file, data or blob", scheme);
  if (!inNode()) return [await openUrl(new URL(text, globalThis.location?.href))];
  return Promise.all((await matchingFiles(text)).map(openPath));
}

async function openUrl(url: URL): Promise<OpenedSource> {
  if (url.protocol === "file:" && inNode()) {
    const { fileURLToPath } = await nodeModule<typeof import("node:url")>("node:url");
    return openPath(fileURLToPath(url));
  }
  if (isWebAddress(url.href)) return openWeb(url);
  return fetched(shownPlace(url.href), () => fetch(url));
}

function openWeb(place: string | URL): Promise<OpenedSource> {
  const { shown, url, headers } = webAddress(place);
  return fetched(shown, () => fetch(url, { headers }));
}

async function fetched(place: string, ask: () => Promise<Response>): Promise<OpenedSource> {
  let response: Response;
  try {
    response = await ask();
  } catch (cause) {
    throw new StorageError(place, "an answer from the server", String(cause), { cause });
  }
  if (!response.ok || response.body === null) {
    throw new StorageError(place, "the file (status 200)", `status ${response.status}`);
  }
  const body = response.body;
  const length = Number(response.headers.get("content-length") ?? Number.NaN);
  return { name: place, size: length > 0 ? length : undefined, bytes: () => ofStream(body) };
}

async function openPath(path: string): Promise<OpenedSource> {
  const { createReadStream } = await nodeModule<typeof import("node:fs")>("node:fs");
  const { open, stat } = await nodeModule<typeof import("node:fs/promises")>("node:fs/promises");
  const facts = await stat(path).catch((cause: unknown) => {
    throw new StorageError(path, "a file that can be read", reason(cause), { cause });
  });
  if (facts.isDirectory()) throw new StorageError(path, "a file", 'a folder (a pattern is "folder/*.csv")');
  const slice = async (start: number, end: number) => {
    try {
      const bytes = new Uint8Array(Math.max(0, Math.min(end, facts.size) - start));
      await using file = await open(path);
      const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
      return bytes.buffer.slice(0, bytesRead);
    } catch (cause) {
      throw new StorageError(path, "a file that can be read", reason(cause), { cause });
    }
  };
  return {
    name: path,
    size: facts.isFile() ? facts.size : undefined,
    ...(facts.isFile() && { slice }),
    async *bytes() {
      try {
        yield* createReadStream(path, { highWaterMark: PART }) as AsyncIterable<Uint8Array>;
      } catch (cause) {
        throw new StorageError(path, "a file that can be read", reason(cause), { cause });
      }
    },
  };
}

function reason(cause: unknown): string {
  if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return "none there";
  return cause instanceof Error ? cause.message : String(cause);
}

/** Of a ReadableStream, which not every browser can iterate. */
async function* ofStream(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
