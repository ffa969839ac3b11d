import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { FormatError } from "layerwise";
import { Journal } from "./journal.js";

/** Deletes a journal, so that its study begins anew. Raises StateError where a coordinator has it. */
export async function discardJournal(path: string, takeOver = false): Promise<void> {
  if (!existsSync(path)) return;
  try {
    const journal = await Journal.open(path, { takeOver });
    await journal.close();
  } catch (error) {
    if (!(error instanceof FormatError)) throw error; // A damaged one is nobody's.
  }
  await rm(path, { force: true });
}
