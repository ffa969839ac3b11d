#!/usr/bin/env node
import { EXIT, endOf } from "./exit-codes.js";
import { programOf } from "./program.js";

// Whoever read the output has enough of it, as `| head` has: the end, and no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(EXIT.closedPipe);
  process.stderr.write(
    `layerwise: standard output: expected room for what is written, got ${error.message}\n`,
  );
  process.exit(EXIT.file);
});
// Nobody can be told then, and the work goes on.
process.stderr.on("error", () => undefined);

try {
  await programOf().parseAsync();
} catch (error) {
  const { code, text } = endOf(error);
  if (text !== undefined) process.stderr.write(`${text}\n`);
  process.exitCode = code;
}
