// npm start: trains a network on MNIST. npm start -- --help shows the options.
import { LayerwiseError } from "layerwise";
import { DataFileError } from "./idx.js";
import { parseOptions } from "./options.js";
import { run } from "./run.js";

const stop = new AbortController();
// Once: a second Ctrl-C ends the process as usual.
process.once("SIGINT", () => stop.abort());

try {
  await run(parseOptions(process.argv.slice(2)), process.stdout, stop.signal);
} catch (error) {
  const isUsersToMend =
    error instanceof LayerwiseError ||
    error instanceof DataFileError ||
    (error instanceof Error && "syscall" in error); // of the file system
  if (error === stop.signal.reason) console.error("Stopped before the first step.");
  else console.error(isUsersToMend ? `\n${error.name}: ${error.message}` : error);
  process.exitCode = 1;
}
