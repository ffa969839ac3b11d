import { join } from "node:path";
import { root } from "../commands.js";
import type { Place, Project } from "./place.js";
import { printed } from "./programs.js";

/** Every option may be given as undefined, and whatever old compilers know of typed arrays is enough. */
const PROGRAM = `
  import * as layerwise from "layerwise";
  import { createNetwork, type CreateOptions, type FitOptions, type Network } from "layerwise";
  import { configure } from "layerwise/inline";
  import { trainEach } from "./train.js";

  configure({ wasm: undefined, worker: undefined });
  const options: CreateOptions = { layerDims: [2, 3, 1], seed: undefined, dtype: undefined, threads: undefined };
  const fit: FitOptions = { epochs: 1, l2: undefined, batchSize: undefined, optimizer: undefined, onEpoch: undefined };
  const network: Network = await createNetwork(options);
  await network.fit([[0, 1]], [1], fit);
  const bytes: Uint8Array = network.toBytes();
  // @ts-expect-error: undefined is no list of widths.
  const wrong: CreateOptions = { layerDims: undefined };
  network.dispose();
  if (bytes.length > 0 && wrong.layerDims === undefined) {
    console.log(JSON.stringify([...(await trainEach(layerwise, 1)), ...(await trainEach(layerwise, 2))]));
  }
`;

const OPTIONS = {
  target: "ES2022",
  module: "Node16",
  moduleResolution: "Node16",
  lib: ["ES2022", "DOM"],
  types: [],
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: false,
};

/** @param compiler - the folder of this version, in the project's node_modules or elsewhere */
function typescript(version: string, compiler: string, rest: Partial<Place> = {}): Place {
  return {
    name: `TypeScript ${version}, skipLibCheck off, exactOptionalPropertyTypes`,
    packages: "typescript",
    threads: "yes",
    ...rest,
    run: async (project: Project) => {
      await project.write({
        "app.ts": PROGRAM,
        "train.d.ts": `type Layerwise = typeof import("layerwise");
          export declare function trainEach(layerwise: Layerwise, threads: number): Promise<unknown[]>;`,
        "tsconfig.json": JSON.stringify({ compilerOptions: OPTIONS, files: ["app.ts", "train.d.ts"] }),
      });
      await project.node(join(compiler, "bin/tsc"), "-p", ".");
      return { trained: printed(await project.node("app.js")) };
    },
  };
}

export const typescripts: readonly Place[] = [
  typescript("4.9", "node_modules/typescript49", { quick: true }),
  typescript("5.4", "node_modules/typescript54"),
  typescript("5.6", "node_modules/typescript56"),
  typescript("5.9", join(root, "node_modules/typescript")),
  typescript("7.0", "node_modules/typescript7"),
];
