// package-lock.json → node_modules
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./command.mjs";
import { root } from "./project.mjs";
import { stampedStep } from "./step.mjs";

export async function installPackages() {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const parts = {
    inputs: ["package-lock.json"],
    settings: { dependencies, devDependencies, platform: `${process.platform}-${process.arch}` },
    outputs: ["node_modules/.package-lock.json"],
  };
  await stampedStep("npm packages", parts, async () => {
    await run("npm", ["ci", "--ignore-scripts"], { cwd: root }); // no package here needs its install script
  });
}
