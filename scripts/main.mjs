// The frame of every script: a failure ends in one message and exit code 1.
import { Failure } from "./command.mjs";

export async function main(work) {
  try {
    await work();
  } catch (error) {
    console.error(error instanceof Failure ? `\n${error.message}` : error);
    process.exitCode = 1;
  }
}
