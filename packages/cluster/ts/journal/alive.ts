import { execFileSync } from "node:child_process";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** This machine, since it was started, and this container of it: where process numbers mean the same. */
export function hostName(): string {
  const parts = [hostname(), textOf("/proc/sys/kernel/random/boot_id")?.slice(0, 8), namespace()];
  return parts.filter((part) => part !== undefined).join(" ");
}

/** When a process of this machine began; undefined where there is none of this number. */
export function processStart(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return undefined;
  }
  const stat = textOf(`/proc/${pid}/stat`);
  // Behind the name, which may hold anything, field 22 counts from the parenthesis that ends it.
  if (stat !== undefined) return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  try {
    return execFileSync("ps", ["-o", "lstart=", "-p", `${pid}`], { encoding: "utf8" }).trim();
  } catch {
    return "unknown";
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return undefined;
  }
}

function namespace(): string | undefined {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return undefined;
  }
}
