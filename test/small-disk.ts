import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";

/** A file system of so many bytes at this place, where this process may mount one; `umount` ends it. */
export function smallDisk(place: string, bytes: number): string | undefined {
  mkdirSync(place);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", place], { stdio: "ignore" });
    return place;
  } catch {
    return undefined;
  }
}
