// The command line within the test's own process, and as a program of its own.
import { type ChildProcess, spawn } from "node:child_process";
import { vi } from "vitest";
import { endOf } from "../ts/exit-codes.js";
import { programOf } from "../ts/program.js";

export interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** A command as main.ts runs it. `onOutput` sees what is written to standard output as it comes. */
export async function run(
  args: readonly string[],
  onOutput: (text: string) => void = () => {},
): Promise<Ended> {
  let [output, errors] = ["", ""];
  const spies = [
    vi.spyOn(process.stdout, "write").mockImplementation((text) => {
      output += String(text);
      onOutput(String(text));
      return true;
    }),
    vi.spyOn(process.stderr, "write").mockImplementation((text) => {
      errors += String(text);
      return true;
    }),
  ];
  const before = process.exitCode;
  process.exitCode = undefined;
  try {
    await programOf().parseAsync([...args], { from: "user" });
    return { code: Number(process.exitCode ?? 0), output, errors };
  } catch (error) {
    const { code, text } = endOf(error);
    return { code, output, errors: `${errors}${text ?? ""}` };
  } finally {
    process.exitCode = before;
    for (const spy of spies) spy.mockRestore();
  }
}

export function layerwise(...args: readonly string[]): Promise<Ended> {
  return run(args);
}

export function start(...args: readonly string[]): ChildProcess {
  return spawn(process.execPath, ["--import", "tsx", "packages/cli/ts/main.ts", ...args]);
}

export function ended(child: ChildProcess): Promise<Ended & { readonly signal: string | null }> {
  return new Promise((resolve) => {
    let [output, errors] = ["", ""];
    child.stdout?.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
    child.stderr?.setEncoding("utf8").on("data", (text) => {
      errors += text;
    });
    child.on("close", (code, signal) => resolve({ code, signal, output, errors }));
  });
}
