// Running programs as a user would, with nothing of the npm or vitest that run these tests.
import { execFile, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export const root = fileURLToPath(new URL("../../", import.meta.url));

/** A program that hasn't ended by then hangs: killed, and its test fails. */
const LONGEST_RUN = 40_000;

/** Nothing of the npm or vitest that run these tests. */
const env = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|VITEST|NODE_ENV|NODE_OPTIONS)/i.test(name)),
  ),
  DENO_NO_UPDATE_CHECK: "1",
  NEXT_TELEMETRY_DISABLED: "1",
  ASTRO_TELEMETRY_DISABLED: "1",
  LAYERWISE_ENGINE: "wasm", // A project below this folder sees the native engine of this one.
};

/** Runs a program; resolves to what it printed. */
export async function run(
  program: string,
  args: readonly string[],
  cwd: string,
  timeout = LONGEST_RUN,
): Promise<string> {
  const options = { cwd, timeout, env, maxBuffer: 1 << 26 };
  try {
    return (await promisify(execFile)(program, args, options)).stdout;
  } catch (error) {
    // What a program says of its failure is as often on stdout as on stderr.
    const said = error instanceof Error && "stdout" in error ? String(error.stdout) : "";
    throw new Error(`${String(error)}\n${said}`, { cause: error });
  }
}

export function runNode(args: readonly string[], cwd: string, timeout?: number): Promise<string> {
  return run(process.execPath, args, cwd, timeout);
}

export function npm(args: readonly string[], cwd: string, timeout?: number): Promise<string> {
  return process.platform === "win32"
    ? run("cmd", ["/c", "npm", ...args], cwd, timeout)
    : run("npm", args, cwd, timeout);
}

/** A server in a program of its own. */
export interface Server {
  readonly origin: string;
  /** What it has printed so far. */
  said(): string;
  stop(): Promise<void>;
}

/** Starts a program that serves; resolves when it has printed its address. */
export function startServer(
  program: string,
  args: readonly string[],
  cwd: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<Server> {
  const child = spawn(program, args, { cwd, env: { ...env, ...variables }, detached: true });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const stop = async () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
    await ended;
  };
  return new Promise((resolve, reject) => {
    let said = "";
    const fail = (how: string) => {
      clearTimeout(timer);
      reject(new Error(`${program} ${args.join(" ")} ${how}:\n${said}`));
    };
    const timer = setTimeout(() => stop().then(() => fail("printed no address")), LONGEST_RUN);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        said += text;
        const origin = addressIn(said);
        if (origin === undefined) return;
        clearTimeout(timer);
        resolve({ origin, said: () => said, stop });
      });
    }
    child.once("error", (error) => fail(String(error)));
    child.once("close", () => fail("ended"));
  });
}

/** An address as servers print it, or a port as workerd does. */
function addressIn(said: string): string | undefined {
  const text = withoutColours(said); // They stand in the midst of an address.
  const port = text.match(/http:\/\/[\w.[\]:]*:(\d+)/)?.[1] ?? text.match(/"port":\s*(\d+)/)?.[1];
  return port === undefined ? undefined : `http://127.0.0.1:${port}`;
}

function withoutColours(text: string): string {
  return text.replaceAll(new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*m`, "g"), "");
}
