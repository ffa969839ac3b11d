// A server of static files, for this machine only.
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize, sep } from "node:path";
import { Failure } from "./command.mjs";

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
};

const HEADERS = {
  "Cross-Origin-Opener-Policy": "same-origin", // these three: SharedArrayBuffer, and so threads
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
  "X-Content-Type-Options": "nosniff",
  "Cache-Control": "no-cache",
};

/** Serves a folder on localhost; resolves to its URL. */
export function serve(folder, port) {
  const server = createServer((request, response) => {
    answer(folder, request, response).catch(() => end(response, 500, "Failed"));
  });
  return new Promise((resolve, reject) => {
    server.on("error", (error) => {
      reject(error.code === "EADDRINUSE" ? new Failure(`Port ${port} is in use; try --port=0`) : error);
    });
    server.listen(port, "localhost", () => resolve(`http://localhost:${server.address().port}/`));
  });
}

async function answer(folder, request, response) {
  if (request.method !== "GET" && request.method !== "HEAD") return end(response, 405, "Only GET and HEAD");
  const file = fileOf(folder, request.url);
  const info = file && (await stat(file).catch(() => undefined));
  if (!info?.isFile()) return end(response, 404, "Not found");
  const type = TYPES[extname(file)] ?? "application/octet-stream";
  response.writeHead(200, { ...HEADERS, "Content-Type": type, "Content-Length": info.size });
  if (request.method === "HEAD") return response.end();
  createReadStream(file)
    .on("error", () => response.destroy())
    .pipe(response);
}

/** The file that a URL names; undefined for one outside the folder. */
function fileOf(folder, url) {
  let path;
  try {
    path = decodeURIComponent(new URL(url, "http://localhost").pathname);
  } catch {
    return undefined;
  }
  const file = normalize(join(folder, path.endsWith("/") ? `${path}index.html` : path));
  return file.startsWith(normalize(folder) + sep) ? file : undefined;
}

function end(response, status, text) {
  response.writeHead(status, { ...HEADERS, "Content-Type": "text/plain; charset=utf-8" }).end(`${text}\n`);
}
