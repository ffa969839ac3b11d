import { CommanderError } from "commander";
import {
  ConfigError,
  DataError,
  EnvironmentError,
  FormatError,
  LayerwiseError,
  NumericError,
  ShapeError,
  StateError,
  StorageError,
} from "layerwise";

/** What the process ends with, for scripts that ask. */
export const EXIT = {
  done: 0,
  /** A fault in the program itself. */
  internal: 1,
  /** An option, a flag or a configuration file that can't be. */
  usage: 2,
  /** Data that can't be read as asked, or that nothing can be learnt from. */
  data: 3,
  /** A file that can't be read or written, or that is no model. */
  file: 4,
  /** Training went off to infinity. */
  numeric: 5,
  /** What the command needs isn't here: a server, a package, a processor's instructions. */
  environment: 6,
  /** A journal that another command has or that is another study's; a training that failed, where that ends the study. */
  state: 7,
  /** Ctrl-C; what was best so far has been written. */
  interrupted: 130,
  /** Nobody reads the output any more, as behind `| head`. */
  closedPipe: 141,
} as const;

const BY_CLASS = [
  [ConfigError, EXIT.usage],
  [DataError, EXIT.data],
  [ShapeError, EXIT.data],
  [StorageError, EXIT.file],
  [FormatError, EXIT.file],
  [NumericError, EXIT.numeric],
  [EnvironmentError, EXIT.environment],
  [StateError, EXIT.state],
] as const;

function exitCodeOf(error: unknown): number {
  return BY_CLASS.find(([type]) => error instanceof type)?.[1] ?? EXIT.internal;
}

/** How a command ended that raised this: its exit code, and what is to be said, if commander hasn't said it. */
export function endOf(error: unknown): { readonly code: number; readonly text: string | undefined } {
  if (error instanceof CommanderError)
    return { code: error.exitCode === 0 ? EXIT.done : EXIT.usage, text: undefined };
  return { code: exitCodeOf(error), text: `layerwise: ${textOf(error)}` };
}

/** One line for what the user can mend; the whole trace for a fault of ours. */
function textOf(error: unknown): string {
  if (error instanceof LayerwiseError && exitCodeOf(error) !== EXIT.internal) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
