// Running other programs: one that fails is an error that says which, and shows what it printed.
import { spawn, spawnSync } from "node:child_process";
import { delimiter } from "node:path";

/** An error that a user can mend: its message is all there is to show. */
export class Failure extends Error {}

/** `env` with one more folder to search first. */
export function withPath(folder, env = process.env) {
  return { ...env, PATH: folder + delimiter + env.PATH };
}

/** What a program printed; undefined where it is missing or failed. */
export function ask(program, args, options) {
  const { status, stdout } = spawnSync(program, args, { encoding: "utf8", ...options });
  return status === 0 ? stdout.trim() : undefined;
}

/** Runs a program to its end. Resolves to what it printed; a Failure holds that as its `output`. */
export function run(program, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
    let output = "";
    const fail = (how) => {
      const failure = new Failure(`${output}\n${[program, ...args].join(" ")}\n${how}`);
      reject(Object.assign(failure, { output }));
    };
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        output += text;
      });
    }
    child.on("error", (error) => fail(`could not be run: ${error.message}`));
    child.on("close", (code, signal) =>
      code === 0 ? resolve(output) : fail(`ended with ${signal ?? `exit code ${code}`}`),
    );
  });
}

/** Runs a program that reads and writes the terminal itself. Resolves to its exit code. */
export function inTerminal(program, args, options) {
  const child = spawn(program, args, { stdio: "inherit", ...options });
  const leaveToChild = () => {}; // Ctrl-C reaches the program too, which ends as it sees fit
  process.on("SIGINT", leaveToChild);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      process.off("SIGINT", leaveToChild);
      resolve(code ?? 1);
    });
  });
}
