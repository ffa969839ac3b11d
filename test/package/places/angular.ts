// Angular: its own build and dev server, by esbuild and Vite, which follow no new URL but those of workers.
import { join } from "node:path";
import { startServer } from "../commands.js";
import { openFolder, openPage } from "./pages.js";
import type { Place, Project } from "./place.js";

const ASSETS = { glob: "**/*", input: "node_modules/layerwise/dist/wasm", output: "wasm" };

const ISOLATED = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

const WORKSPACE = {
  version: 1,
  cli: { analytics: false },
  projects: {
    app: {
      projectType: "application",
      root: "",
      sourceRoot: "src",
      architect: {
        build: {
          builder: "@angular/build:application",
          options: {
            browser: "src/main.ts",
            index: "src/index.html",
            tsConfig: "tsconfig.json",
            webWorkerTsConfig: "tsconfig.worker.json",
            assets: [ASSETS],
          },
          configurations: { development: { optimization: false } },
        },
        serve: {
          builder: "@angular/build:dev-server",
          options: { buildTarget: "app:build:development", headers: ISOLATED },
        },
      },
    },
  },
};

const COMPILER = { target: "ES2022", module: "preserve", allowJs: true, importHelpers: true };

const FILES = {
  "angular.json": JSON.stringify(WORKSPACE),
  "tsconfig.json": JSON.stringify({ compilerOptions: COMPILER, files: ["src/main.ts"] }),
  "tsconfig.worker.json": JSON.stringify({
    compilerOptions: { ...COMPILER, lib: ["ES2022", "WebWorker"] },
    files: ["src/app.worker.ts"],
  }),
  "src/index.html": "<!doctype html><title>app</title><base href='/'><app-root></app-root>",
  "src/main.ts": `
    import { Component, provideZonelessChangeDetection } from "@angular/core";
    import { bootstrapApplication } from "@angular/platform-browser";
    import * as layerwise from "layerwise";
    import { trainEach } from "../train.js";

    const inWorker = (threads: number) => new Promise<unknown[]>((resolve) => {
      const worker = new Worker(new URL("./app.worker", import.meta.url), { type: "module" });
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = ({ message }) => resolve(["the worker failed: " + message]);
      worker.postMessage(threads);
    });

    @Component({ selector: "app-root", template: "<p>training</p>" })
    class App {
      async ngOnInit() {
        const here = await trainEach(layerwise, 1).catch((error: unknown) => [String(error)]);
        Object.assign(globalThis, { results: [...here, ...(await inWorker(1)), ...(await inWorker(2))] });
      }
    }
    bootstrapApplication(App, { providers: [provideZonelessChangeDetection()] });
  `,
  "src/app.worker.ts": `
    import * as layerwise from "layerwise";
    import { trainEach } from "../train.js";
    addEventListener("message", async ({ data }) =>
      postMessage(await trainEach(layerwise, data).catch((error: unknown) => [String(error)])));
  `,
};

const NG = "@angular/cli/bin/ng.js";

async function build(project: Project) {
  await project.write(FILES);
  await project.tool(NG, "build");
  const bytes = await project.pageBytes("dist/app/browser");
  const folder = join(project.folder, "dist/app/browser");
  return { trained: await openFolder(await project.browser(), folder, ""), bytes };
}

async function serve(project: Project) {
  await project.write(FILES);
  const args = [join("node_modules", NG), "serve", "--port", "0", "--host", "127.0.0.1"];
  const server = await startServer(process.execPath, args, project.folder);
  try {
    return { trained: await openPage(await project.browser(), `${server.origin}/`) };
  } finally {
    await server.stop();
  }
}

const common = {
  packages: "angular",
  setUp: `"assets": [${JSON.stringify(ASSETS).replaceAll(/([:,])/g, "$1 ")}] in angular.json`,
  threads: "in workers, where the page is isolated",
};

export const angular: readonly Place[] = [
  { ...common, name: "Angular 20, dev server", run: serve },
  { ...common, name: "Angular 20, build", run: build },
];
