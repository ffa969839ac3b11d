import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { Plugin } from "vite";

const WORKER = "service-worker.js";

/** Tells the service worker which files the build has: the page's own, and the larger ones with data. */
export function precacheList(): Plugin {
  let folder = "";
  return {
    name: "precache-list",
    apply: "build",
    configResolved(config) {
      folder = join(config.root, config.build.outDir);
    },
    closeBundle() {
      const files = filesIn(folder).filter((file) => file !== WORKER);
      const hash = createHash("sha256");
      for (const file of files) hash.update(`${file}\0`).update(readFileSync(join(folder, file)));
      const isData = (file: string) => /^mnist\/.*\.bin$/.test(file);
      const list = {
        version: hash.digest("hex").slice(0, 16),
        shell: ["./", ...files.filter((file) => !isData(file))],
        data: files.filter(isData),
      };
      const path = join(folder, WORKER);
      const code = readFileSync(path, "utf8");
      if (!code.includes("__BUILD__")) throw new Error(`${WORKER}: no place for the list of files`);
      writeFileSync(
        path,
        code.replace("__BUILD__", () => JSON.stringify(list)),
      );
    },
  };
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
    .sort();
}
