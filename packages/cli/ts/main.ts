#!/usr/bin/env node
import { endOf } from "./exit-codes.js";
import { programOf } from "./program.js";

try {
  await programOf().parseAsync();
} catch (error) {
  const { code, text } = endOf(error);
  if (text !== undefined) process.stderr.write(`${text}\n`);
  process.exitCode = code;
}
