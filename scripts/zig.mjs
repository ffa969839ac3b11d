// zig as linker (https://ziglang.org, or PyPI's ziglang): files for Linux of another or an older C library than this machine's.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ask } from "./command.mjs";
import { root } from "./project.mjs";

/** The oldest glibc that Node 20 runs on. */
export const OLDEST_GLIBC = "2.28";

const CPUS = { x64: "x86_64", arm64: "aarch64" };

/** The words that run zig here; undefined where it isn't there. */
export function findZig() {
  const ways = [["zig"], ["python3", "-m", "ziglang"]];
  return ways.find(([program, ...words]) => ask(program, [...words, "version"]) !== undefined);
}

/** What the native engine is built with by zig: for a libc, gnu or musl. */
export function crossByZig(zig, arch, libc) {
  const target = `${CPUS[arch]}-unknown-linux-${libc}`;
  const abi = libc === "gnu" ? `gnu.${OLDEST_GLIBC}` : libc;
  const linker = linkerOf(zig, `${CPUS[arch]}-linux-${abi}`);
  const variable = `CARGO_TARGET_${target.toUpperCase().replaceAll("-", "_")}_LINKER`;
  return {
    libc,
    target,
    // Rust has its own std for this machine's kind; that for another one is built.
    arguments: ["--target", target, ...(libc === "gnu" && arch === process.arch ? [] : ["-Zbuild-std"])],
    flags: libc === "musl" ? ["-Ctarget-feature=-crt-static"] : [],
    env: { RUSTC_BOOTSTRAP: "1", [variable]: linker },
  };
}

/** rustc wants a program without arguments. */
function linkerOf(zig, target) {
  const folder = join(root, ".cache/zig");
  mkdirSync(folder, { recursive: true });
  const path = join(folder, target);
  writeFileSync(path, `#!/bin/sh\nexec ${zig.join(" ")} cc -target ${target} "$@"\n`, { mode: 0o755 });
  return path;
}
