// The package in TypeScript projects: its types under every module resolution, and `using`.
import { join } from "node:path";
import ts from "typescript";
import { beforeAll, describe, expect, it } from "vitest";
import { root, runNode } from "./commands.js";
import { makeProject } from "./project.js";

const CONSUMER = `
  import { adam, ConfigError, createNetwork, StateError } from "layerwise";
  import type { FitOptions, History, Network } from "layerwise";

  async function withNetwork<Result>(use: (network: Network) => Promise<Result>): Promise<Result> {
    using network = await createNetwork({ layerDims: [2, 8, 1], threads: 1 });
    return await use(network);
  }

  const options: FitOptions = { epochs: 3, optimizer: adam({ learningRate: 0.01 }) };

  export async function main(): Promise<string[]> {
    const said: string[] = [];
    let kept: Network | undefined;
    const history: History = await withNetwork((network) => {
      kept = network;
      return network.fit([[0, 1]], [1], options);
    });
    said.push(\`\${history.steps} steps\`);
    try {
      kept?.predict([[0, 1]]);
    } catch (error) {
      if (error instanceof StateError) said.push(error.got);
    }
    try {
      // @ts-expect-error: a text is no list of widths.
      await createNetwork({ layerDims: "2, 8, 1" });
    } catch (error) {
      if (error instanceof ConfigError) said.push(error.path);
    }
    return said;
  }
`;

/** What only types can be asked: a class that the package keeps to itself is no value. */
const MISUSE = `
  import { Network } from "layerwise";
  // @ts-expect-error: networks come from createNetwork.
  export const network = () => new Network();
`;

const FILES = {
  "consumer.mts": CONSUMER,
  "consumer.cts": CONSUMER,
  "misuse.mts": MISUSE,
  "run.mjs": 'import { main } from "./out/consumer.mjs"; console.log(JSON.stringify(await main()));',
  "run.cjs": 'require("./out/consumer.cjs").main().then((said) => console.log(JSON.stringify(said)));',
};

const { ModuleKind, ModuleResolutionKind } = ts;
const DOM = { lib: ["lib.es2022.d.ts", "lib.esnext.disposable.d.ts", "lib.dom.d.ts"], types: [] };
const NODE = {
  lib: ["lib.es2022.d.ts", "lib.esnext.disposable.d.ts"],
  types: ["node"],
  typeRoots: [join(root, "node_modules/@types")],
};

const SETTINGS: Readonly<Record<string, ts.CompilerOptions>> = {
  node16: { module: ModuleKind.Node16, moduleResolution: ModuleResolutionKind.Node16, ...DOM },
  nodenext: { module: ModuleKind.NodeNext, moduleResolution: ModuleResolutionKind.NodeNext, ...NODE },
  bundler: { module: ModuleKind.ESNext, moduleResolution: ModuleResolutionKind.Bundler, ...DOM },
};

describe("a TypeScript project", () => {
  let folder = "";

  beforeAll(async () => {
    folder = await makeProject(FILES);
  }, 60_000);

  function compile(settings: ts.CompilerOptions, files: readonly string[]): ts.Program {
    const paths = files.map((file) => join(folder, file));
    return ts.createProgram(paths, {
      ...settings,
      target: ts.ScriptTarget.ES2022,
      strict: true,
      skipLibCheck: false,
      outDir: join(folder, "out"),
    });
  }

  function complaints(program: ts.Program): string[] {
    return ts.getPreEmitDiagnostics(program).map((found) => {
      const text = ts.flattenDiagnosticMessageText(found.messageText, "\n");
      return `${found.file?.fileName}: ${text}`;
    });
  }

  it.each(Object.keys(SETTINGS))("finds the types under moduleResolution %s", (name) => {
    const files = Object.keys(FILES).filter((file) => /\.[mc]ts$/.test(file));
    const esModules = files.filter((file) => file.endsWith(".mts"));
    const program = compile(SETTINGS[name] ?? {}, name === "bundler" ? esModules : files);
    expect(complaints(program)).toEqual([]);
  });

  it("may leave out the library of `using`", () => {
    const program = compile({ ...SETTINGS.bundler, lib: ["lib.es2022.d.ts", "lib.dom.d.ts"] }, [
      "consumer.mts",
    ]);
    expect(complaints(program)).toEqual([]);
  });

  it("has `using` dispose of the network at the end of its block", async () => {
    compile(SETTINGS.nodenext ?? {}, ["consumer.mts", "consumer.cts"]).emit();
    for (const program of ["run.mjs", "run.cjs"]) {
      const said = JSON.parse(await runNode([program], folder));
      expect(said).toEqual(["3 steps", "one that was", "layerDims"]);
    }
  });
});
