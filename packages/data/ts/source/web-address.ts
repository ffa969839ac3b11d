import { StorageError } from "layerwise";

/** A URL of http or https, and how much of it may be said. */
export interface WebAddress {
  /** What messages, models, reports and journals say: neither user and password nor what stands behind `?` or `#`, where tokens are. */
  readonly shown: string;
  /** Whether something was left out of it. */
  readonly isSecret: boolean;
  /** What `fetch` takes: it refuses a URL with user and password, which are in the headers (Basic authentication, RFC 7617). */
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
}

export function isWebAddress(place: string): boolean {
  return /^\s*https?:/i.test(place);
}

/** Raises StorageError, which says nothing of a text that is no URL. */
export function webAddress(place: string | URL): WebAddress {
  if (typeof place === "string" && !URL.canParse(place))
    throw new StorageError("data", "a URL such as https://host/rows.csv", "another text");
  const url = new URL(place);
  const headers = loginOf(url);
  const isSecret = "authorization" in headers || url.search !== "" || url.hash !== "";
  url.username = "";
  url.password = "";
  return { shown: `${url.origin}${url.pathname}`, isSecret, url, headers };
}

function loginOf({ username, password }: URL): Readonly<Record<string, string>> {
  if (username === "" && password === "") return {};
  const bytes = new TextEncoder().encode(`${decoded(username)}:${decoded(password)}`);
  return { authorization: `Basic ${btoa(String.fromCharCode(...bytes))}` };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new StorageError("data", "a URL whose user and password have % written as %25", "a % by itself");
  }
}

/** A path as it is, and of a URL of any scheme as much as may be said. */
export function shownPlace(place: string): string {
  const [, scheme] = /^\s*(https?|[a-z][a-z0-9+.-]+(?=:\/\/)|data):/i.exec(place) ?? [];
  if (scheme === undefined || /^(file|blob)$/i.test(scheme)) return place;
  if (/^data$/i.test(scheme)) return "the data: URL";
  if (!URL.canParse(place)) return `a URL of ${scheme} that can't be read`;
  const { protocol, host, pathname } = new URL(place);
  return `${protocol}//${host}${pathname}`;
}

/** Whether it is a URL of which something may not be said. */
export function isSecretPlace(place: string): boolean {
  return isWebAddress(place) && URL.canParse(place) && webAddress(place).isSecret;
}
