import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";

/** What threads need. */
const ISOLATION = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/** The strictest policy that the package promises to work under. */
const STRICT =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; worker-src 'self'";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".wasm": "application/wasm",
};

export interface StaticServer {
  readonly origin: string;
  stop(): void;
}

/** Serves folders, each below a path that ends in a slash; everything else is 404. An empty policy is none. */
export async function serveFolders(
  folders: Readonly<Record<string, string>>,
  policy = STRICT,
): Promise<StaticServer> {
  const headers = policy === "" ? ISOLATION : { ...ISOLATION, "Content-Security-Policy": policy };
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const place = Object.entries(folders).find(([path]) => pathname.startsWith(path));
    try {
      const [path, folder] = place ?? ["", ""];
      const body = await readFile(join(folder, pathname.slice(path.length)));
      response.writeHead(200, { ...headers, "Content-Type": TYPES[extname(pathname)] ?? "" }).end(body);
    } catch {
      response.writeHead(404, { ...headers, "Content-Type": "text/plain" }).end("Not found");
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { origin, stop: () => server.close() };
}
