// Which file the loader takes, and what it says where there is none.
import { execFile } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { newestGlibc } from "../../scripts/native-packages.mjs";

const require = createRequire(import.meta.url);
const { levelOf, processorFeatures } = require("../../packages/native/level.cjs") as {
  levelOf(features: ReadonlySet<string>): string;
  processorFeatures(cpuinfo: string): ReadonlySet<string>;
};

const V3 = ["avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe"];
const V4 = [...V3, "avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"];

describe("the level", () => {
  it.each([
    ["x64-v4", V4],
    ["x64-v3", V3],
    ["x64-v3", V4.filter((feature) => feature !== "avx512dq")],
  ])("is %s where the processor has its features", (level, features) => {
    vi.stubEnv("LAYERWISE_LEVEL", undefined);
    expect(levelOf(new Set(features))).toBe(level);
    vi.unstubAllEnvs();
  });

  it.each([
    ["GenuineIntel", 6, "x64-v4"],
    ["AuthenticAMD", 25, "x64-v3"],
    ["AuthenticAMD", 26, "x64-v4"],
  ])("of %s family %i with AVX-512 is %s", (vendor, family, level) => {
    vi.stubEnv("LAYERWISE_LEVEL", undefined);
    const cpuinfo = `processor\t: 0\nvendor_id\t: ${vendor}\ncpu family\t: ${family}\nflags\t\t: fpu ${V4.join(" ")}\n`;
    expect(levelOf(processorFeatures(cpuinfo))).toBe(level);
    vi.stubEnv("LAYERWISE_LEVEL", "x64-v4");
    expect(levelOf(processorFeatures(cpuinfo))).toBe("x64-v4");
    vi.unstubAllEnvs();
  });

  it("names the features that are missing", () => {
    vi.stubEnv("LAYERWISE_LEVEL", undefined);
    expect(() => levelOf(new Set(V3.filter((feature) => feature !== "avx2" && feature !== "fma")))).toThrow(
      "this processor lacks avx2, fma",
    );
    vi.stubEnv("LAYERWISE_LEVEL", "x64-v4");
    expect(() => levelOf(new Set(V3))).toThrow("lacks avx512f, avx512bw, avx512cd, avx512dq, avx512vl");
    vi.stubEnv("LAYERWISE_LEVEL", "x64-v9");
    expect(() => levelOf(new Set(V4))).toThrow("LAYERWISE_LEVEL is x64-v9");
    vi.unstubAllEnvs();
  });
});

const BUILT = "packages/native/npm/linux-x64-gnu";
const FILE = "layerwise.x64-v3.node";

/** Of glibc 2, as this system's linker takes them; `npm run native:pack` has older ones by zig, and looks at them. */
const NEWEST_GLIBC = 34;

/** What a file was linked with that a Linux of other years may lack, and Electron forbids. */
describe.runIf(existsSync(join(BUILT, FILE)))("each file", () => {
  const files = readdirSync(BUILT).filter((name) => name.endsWith(".node"));

  it.each(files)(
    "%s has symbols of glibc 2.34 or older, and makes no buffer outside of JavaScript's memory",
    (name) => {
      expect(newestGlibc(join(BUILT, name))).toBeLessThanOrEqual(NEWEST_GLIBC);
      const text = readFileSync(join(BUILT, name), "latin1");
      expect(text).toContain("napi_create_function");
      expect(text).not.toMatch(/napi_create_external_|node_api_create_external/);
    },
  );
});

describe.runIf(existsSync(join(BUILT, FILE)))("the package", () => {
  let folder = "";
  const file = () => join(folder, "npm/linux-x64-gnu", FILE);

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "layerwise-native-"));
    mkdirSync(join(folder, "npm/linux-x64-gnu"), { recursive: true });
    for (const name of ["elf.cjs", "index.cjs", "level.cjs"]) {
      copyFileSync(join("packages/native", name), join(folder, name));
    }
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** What a process of its own says that loads it. */
  function loaded(change = ""): Promise<string> {
    const code = `${change}; try { console.log(require("./index.cjs").load().instructionSet()); }
      catch (error) { console.log(error.message); }`;
    const env = { ...process.env, LAYERWISE_LEVEL: "x64-v3" };
    return new Promise((resolve, reject) => {
      execFile(process.execPath, ["-e", code], { cwd: folder, env }, (error, out) =>
        error === null ? resolve(out.trim()) : reject(error),
      );
    });
  }

  it("loads the file of the level", async () => {
    copyFileSync(join(BUILT, FILE), file());
    expect(await loaded()).toBe("x64-v3");
  });

  it("names a file that is missing", async () => {
    rmSync(file(), { force: true });
    expect(await loaded()).toMatch(
      /layerwise\.x64-v3\.node is missing: install @layerwise\/native-linux-x64-gnu/,
    );
  });

  it("names a file that is cut off, of another processor or no library, and never loads it", async () => {
    copyFileSync(join(BUILT, FILE), file());
    const whole = statSync(file()).size;
    for (const size of [whole - 1, 5000, 64, 63, 0]) {
      truncateSync(file(), size);
      expect(await loaded()).toMatch(
        size < 64 ? /layerwise\.x64-v3\.node is no library/ : `is cut off: it has ${size} of ${whole} bytes`,
      );
    }
    const other = readFileSync(join(BUILT, FILE));
    other.writeUInt16LE(183, 18); // AArch64
    writeFileSync(file(), other);
    expect(await loaded()).toMatch(/is for another processor \(ELF machine 183\): install/);
    writeFileSync(file(), "not a library");
    expect(await loaded()).toMatch(/is no library of Linux's/);
  });

  it("says for which platforms there are files", async () => {
    const other = 'Object.defineProperty(process, "platform", { value: "darwin" })';
    expect(await loaded(other)).toBe(
      "@layerwise/native has no files for darwin-x64: there are some for linux-x64-gnu, linux-x64-musl, linux-arm64-gnu",
    );
  });

  it("knows musl by Node's report, and names what has no file for it", async () => {
    const ofMusl = "process.report.getReport = () => ({ header: {} })";
    expect(await loaded(ofMusl)).toMatch(/^@layerwise\/native-linux-x64-musl is not installed/);
    const ofArm = 'Object.defineProperty(process, "arch", { value: "arm64" })';
    expect(await loaded(`${ofMusl}; ${ofArm}`)).toMatch(
      /^@layerwise\/native has no files for linux-arm64-musl/,
    );
  });

  it("asks for the report without the process's connections", async () => {
    const change = `Object.defineProperty(process, "report", { value: { excludeNetwork: false,
      getReport() { console.log("without:", this.excludeNetwork); return { header: {} }; } } })`;
    expect(
      await loaded(
        `${change}; process.on("exit", () => console.log("then:", process.report.excludeNetwork))`,
      ),
    ).toMatch(/^without: true\n.* is not installed.*\nthen: false$/s);
  });

  it("names a file that this process may not read", async () => {
    copyFileSync(join(BUILT, FILE), file());
    const refusing = `require("node:fs").openSync = (path) => { throw new Error("EACCES: permission denied, open '" + path + "'") }`;
    expect(await loaded(refusing)).toMatch(
      /layerwise\.x64-v3\.node can't be read \(EACCES: permission denied, .*\): install @layerwise/,
    );
  });

  it("names the platform's package where npm has left it out", async () => {
    rmSync(join(folder, "npm"), { recursive: true });
    expect(await loaded()).toMatch(/^@layerwise\/native-linux-x64-gnu is not installed: npm leaves it out/);
  });
});
