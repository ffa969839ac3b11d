import { join } from "node:path";
import { startServer } from "../commands.js";
import { openFolder, openPage } from "./pages.js";
import type { Place, Project } from "./place.js";
import { PAGE } from "./programs.js";

const DEV_SERVER = `
  import { createServer } from "vite";
  const headers = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
  };
  const server = await createServer({ configFile: false, server: { port: 0, host: "127.0.0.1", headers } });
  await server.listen();
  console.log("http://127.0.0.1:" + server.httpServer.address().port);
`;

async function openDevServer(project: Project) {
  await project.write({ ...PAGE, "dev.mjs": DEV_SERVER });
  const server = await startServer(process.execPath, ["dev.mjs"], project.folder);
  try {
    return { trained: await openPage(await project.browser(), `${server.origin}/index.html`) };
  } finally {
    await server.stop();
  }
}

async function buildAndOpen(project: Project) {
  await project.write(PAGE);
  await project.tool("vite/bin/vite.js", "build", "--logLevel", "warn");
  const bytes = await project.pageBytes("dist");
  return { trained: await openFolder(await project.browser(), join(project.folder, "dist")), bytes };
}

const IN_WORKERS = "in workers, where the page is isolated";

export const vite: readonly Place[] = [5, 7, 8].flatMap((version): readonly Place[] => [
  {
    name: `Vite ${version}, dev server`,
    packages: `vite${version}`,
    threads: IN_WORKERS,
    run: openDevServer,
  },
  { name: `Vite ${version}, build`, packages: `vite${version}`, threads: IN_WORKERS, run: buildAndOpen },
]);
