import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { StorageError } from "layerwise";

/** Where a data set's file is. */
export interface DataPlace {
  /** What jobs, journals and messages say: of a URL neither user and password nor what stands behind `?` or `#`, where tokens are. */
  readonly shown: string;
  /** Whether something was left out, so that nobody else can fetch it: workers get its bytes from the store. */
  readonly isSecret: boolean;
  /** Raises StorageError, which names no more than `shown`. */
  read(): Promise<Uint8Array>;
}

/** A path, seen from `folder`, or a URL of http or https. Raises StorageError for a URL that is none. */
export function dataPlace(given: string, folder: string): DataPlace {
  if (!/^https?:\/\//i.test(given)) {
    const path = resolve(folder, given);
    return { shown: path, isSecret: false, read: () => contents(path, () => readFile(path)) };
  }
  if (!URL.canParse(given))
    throw new StorageError("data", "a URL such as https://host/rows.csv", "another text");
  const url = new URL(given);
  const shown = `${url.origin}${url.pathname}`;
  const headers = loginOf(url);
  const isSecret = headers !== undefined || url.search !== "" || url.hash !== "";
  url.username = "";
  url.password = "";
  const read = () =>
    contents(shown, async () => {
      const response = await fetch(url, { headers: headers ?? {} });
      if (!response.ok) throw new Error(`status ${response.status}`);
      return new Uint8Array(await response.arrayBuffer());
    });
  return { shown, isSecret, read };
}

/** Basic authentication (RFC 7617), since fetch takes no URL with user and password. */
function loginOf({ username, password }: URL): Readonly<Record<string, string>> | undefined {
  if (username === "" && password === "") return undefined;
  const [user, secret] = [decoded(username), decoded(password)];
  return { authorization: `Basic ${Buffer.from(`${user}:${secret}`).toString("base64")}` };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new StorageError("data", "a URL whose user and password have % written as %25", "a % by itself");
  }
}

async function contents(shown: string, read: () => Promise<Uint8Array>): Promise<Uint8Array> {
  try {
    return await read();
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new StorageError(shown, "a file that can be read", message, { cause });
  }
}
