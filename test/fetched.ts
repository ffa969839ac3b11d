import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));

/**
 * The path of a program that a script of scripts/ finds or fetches; undefined, after the reason was printed,
 * where it can't be had.
 * @param tests - which ones are left out then
 */
export function fetched(tests: string, script: string, ...args: string[]): string | undefined {
  const options = { cwd: root, encoding: "utf8" } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [`scripts/${script}`, ...args], options);
  if (status === 0) return stdout.trim();
  console.error(`${tests} are SKIPPED. ${stderr.trim()}`);
  return undefined;
}
