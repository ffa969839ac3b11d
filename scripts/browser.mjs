// Where a Chromium is, for the tests: prints its path, or why there is none and exits with 1. On Debian, as
// root, it is installed.
import { accessSync, constants, existsSync } from "node:fs";
import { ask, Failure, run } from "./command.mjs";
import { main } from "./main.mjs";

const PLACES = [
  process.env.LAYERWISE_CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/snap/bin/chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

const ADVICE = "No Chromium is here: install one, or name it in the variable LAYERWISE_CHROMIUM.";

await main(async () => {
  const path = find() ?? (await install());
  console.log(path);
});

function find() {
  return PLACES.find((path) => path !== undefined && isExecutable(path));
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function install() {
  const isDebian = existsSync("/etc/debian_version") && ask("apt-get", ["--version"]) !== undefined;
  if (!isDebian || process.getuid() !== 0) throw new Failure(ADVICE);
  const options = { env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } };
  try {
    await run("apt-get", ["update"], options);
    await run("apt-get", ["install", "-y", "--no-install-recommends", "chromium"], options);
  } catch (error) {
    throw new Failure(`${error.message}\n\n${ADVICE}`);
  }
  const path = find();
  if (path === undefined) throw new Failure(ADVICE);
  return path;
}
