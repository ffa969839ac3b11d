// The rooms of ts/: what may use what, and what stands behind the engine's seam.
import { readdirSync } from "node:fs";
import { expect, it } from "vitest";
import { codeOf, filesBelow, importsOf } from "./sources.js";

/** From the bottom up: a room uses itself and those before it, each for the reason beside it. */
const ROOMS = {
  platform: "what differs between Node and browsers knows nothing of networks",
  errors: "every room raises them",
  catalog: "tables of names and facts, which checks and kernels are told by",
  config: "what a network is, checked: needs the tables and the errors",
  engine: "memory, operations and programs, by number type and place in training",
  data: "examples, checked by the engine's kernels",
  model: "layers in an engine's memory, and their passes as operations",
  metrics: "what answers are worth, beside what would have been right",
  training: "steps and epochs of a model on data",
  files: "models and the state of a training, as bytes and back",
  network: "what the caller has: a model that is trained, saved and loaded",
  "gradient-check": "looks at a network from outside",
  "worker-network": "a network at the other end of messages",
};

/** Above all rooms: what the package exports. */
const ENTRIES = ["index.ts", "inline.ts"];

const order = Object.keys(ROOMS);
const sources = filesBelow("ts", /\.ts$/);
const roomOf = (path: string) => path.split("/")[1] ?? "";

/** The rooms outside ts/engine/wasm that carry what `configure` was told. */
const MAY_USE_WASM = /^ts\/(engine\/start\.ts|index\.ts|worker-network\/)/;

it("every folder of ts/ is a room, and every room a folder", () => {
  expect(readdirSync("ts").sort()).toEqual([...order, ...ENTRIES].sort());
});

it("imports point down", () => {
  const level = (path: string) =>
    ENTRIES.includes(roomOf(path)) ? order.length : order.indexOf(roomOf(path));
  const up = sources.flatMap((path) =>
    importsOf(path)
      .filter((used) => level(used) > level(path))
      .map((used) => `${path} → ${used}`),
  );
  expect(up).toEqual([]);
});

it("only the engine's start and what carries configure's settings knows of ts/engine/wasm", () => {
  const knowing = sources
    .filter((path) => !path.startsWith("ts/engine/wasm/"))
    .filter((path) => importsOf(path).some((used) => used.startsWith("ts/engine/wasm/")));
  expect(knowing.filter((path) => !MAY_USE_WASM.test(path))).toEqual([]);
  expect(knowing).toContain("ts/engine/start.ts");
});

it.each([
  ["names WebAssembly", /\bWebAssembly\s*[.;)]/],
  ["turns offsets into indices", />>>\s*[0-3]\b|\/\s*[\w.\s]*BYTES_PER_ELEMENT/],
  ["imports generated glue", /["'][^"']*\/pkg(-\w+)*\//],
])("no code outside ts/engine/wasm %s", (_, sign) => {
  const behind = (path: string) => path.startsWith("ts/engine/wasm/");
  const inside = sources.filter(behind).filter((path) => sign.test(codeOf(path)));
  const outside = sources.filter((path) => !behind(path)).filter((path) => sign.test(codeOf(path)));
  expect(outside).toEqual([]);
  expect(inside).not.toEqual([]); // The sign is one: it is found where it may be.
});
