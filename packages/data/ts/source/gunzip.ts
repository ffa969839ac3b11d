import { DataError, EnvironmentError } from "layerwise";

export function isGzip([first, second]: Uint8Array): boolean {
  return first === 0x1f && second === 0x8b;
}

/** The bytes, unpacked where they are gzip. Raises DataError. */
export async function gunzip(name: string, bytes: Uint8Array): Promise<Uint8Array> {
  if (!isGzip(bytes)) return bytes;
  const parts: Uint8Array[] = [];
  for await (const part of gunzipped(name, once(bytes))) parts.push(part);
  return new Uint8Array(await new Blob(parts.map((part) => part.slice())).arrayBuffer());
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Unpacks a gzip file that comes in parts. Raises DataError or EnvironmentError. */
export async function* gunzipped(
  name: string,
  packed: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  if (typeof DecompressionStream !== "function") {
    throw new EnvironmentError(
      name,
      "a runtime with DecompressionStream, or a file that isn't packed",
      "gzip",
    );
  }
  const unpacking = new DecompressionStream("gzip");
  const writer = unpacking.writable.getWriter();
  const writing = (async () => {
    for await (const part of packed) await writer.write(part.slice());
    await writer.close();
  })();
  writing.catch(() => undefined); // The reader's side is told too.
  const reader = unpacking.readable.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      yield value;
    }
    await writing;
  } catch (cause) {
    throw new DataError(name, "a whole gzip file", cause instanceof Error ? cause.message : String(cause), {
      cause,
    });
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
