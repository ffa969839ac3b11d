#!/usr/bin/env node
import { CommanderError } from "commander";
import { EXIT, exitCodeOf, textOf } from "./exit-codes.js";
import { programOf } from "./program.js";

try {
  await programOf().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
  else {
    process.stderr.write(`layerwise: ${textOf(error)}\n`);
    process.exitCode = exitCodeOf(error);
  }
}
