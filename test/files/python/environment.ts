import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const requirements = fileURLToPath(new URL("./requirements.txt", import.meta.url));
const script = fileURLToPath(new URL("./check.py", import.meta.url));
const folder = join(root, ".cache/python");
const python = join(folder, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");

/** Makes a virtual environment with the packages, once. Returns why there is none, or undefined. */
export function whyNoPython(): string | undefined {
  const stamp = join(folder, "requirements.txt");
  const wanted = readFileSync(requirements, "utf8");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return undefined;
  try {
    const options = { stdio: "pipe", timeout: 300_000 } as const;
    execFileSync("python3", ["-m", "venv", "--clear", folder], options);
    execFileSync(python, ["-m", "pip", "install", "--quiet", "-r", requirements], options);
    writeFileSync(stamp, wanted);
    return undefined;
  } catch (error) {
    return error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
  }
}

/** What a command of check.py prints. */
export function check(...args: string[]): unknown {
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: "1" };
  return JSON.parse(execFileSync(python, [script, ...args], { encoding: "utf8", env, maxBuffer: 1 << 28 }));
}
