// Keeps the page working offline, and isolates it (so that it may use threads) on hosts that can't send headers.
/// <reference lib="webworker" />
declare const self: ServiceWorkerGlobalScope;

/** All files of this build; the build puts the list here. */
declare const __BUILD__: {
  /** A hash of all files. */
  readonly version: string;
  /** What the page needs to open. */
  readonly shell: readonly string[];
  /** What it needs to train on digits. */
  readonly data: readonly string[];
};

const build = __BUILD__;
const SHELL_CACHE = `layerwise-${build.version}`;
/** Outlives versions: MNIST doesn't change. */
const DATA_CACHE = "layerwise-data";

self.addEventListener("install", (event) => {
  event.waitUntil(keepShell());
});

self.addEventListener("activate", (event) => {
  event.waitUntil(forgetOldBuilds().then(() => self.clients.claim()));
});

self.addEventListener("message", (event) => {
  if (event.data === "keep-data") event.waitUntil(keepData());
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  event.respondWith(event.request.mode === "navigate" ? page(event.request) : file(event.request));
});

async function keepShell(): Promise<void> {
  const cache = await caches.open(SHELL_CACHE);
  await cache.addAll(build.shell.map((path) => new Request(path, { cache: "no-cache" })));
}

/** One after the other, so that they don't crowd out what the page itself loads. */
async function keepData(): Promise<void> {
  const cache = await caches.open(DATA_CACHE);
  for (const path of build.data) {
    if ((await cache.match(path)) === undefined) await cache.add(path);
  }
  for (const client of await self.clients.matchAll()) client.postMessage("data-kept");
}

async function forgetOldBuilds(): Promise<void> {
  for (const name of await caches.keys()) {
    if (name.startsWith("layerwise-") && name !== SHELL_CACHE && name !== DATA_CACHE) {
      await caches.delete(name);
    }
  }
}

/** The newest page if there is a network, else the one that was kept. */
async function page(request: Request): Promise<Response> {
  try {
    const response = await fetch(request);
    if (response.ok) return isolated(response);
  } catch {
    // Offline.
  }
  const kept = await caches.match("./", { cacheName: SHELL_CACHE });
  return kept === undefined ? Response.error() : isolated(kept);
}

/** What was kept if there is such, since a file's name changes with its content; else from the network. */
async function file(request: Request): Promise<Response> {
  const kept = await caches.match(request, { ignoreVary: true });
  return isolated(kept ?? (await fetch(request)));
}

function isolated(response: Response): Response {
  if (response.status === 0 || response.headers.has("Cross-Origin-Embedder-Policy")) return response;
  const headers = new Headers(response.headers);
  headers.set("Cross-Origin-Opener-Policy", "same-origin");
  headers.set("Cross-Origin-Embedder-Policy", "require-corp");
  headers.set("Cross-Origin-Resource-Policy", "same-origin");
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}
