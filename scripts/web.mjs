// npm run web: builds the page into dist-web/ and serves it on this machine, with the headers that threads
// need. Options: --build (don't serve), --port=8080 (0: any free one), --no-setup (take packages and kernels
// as they are).
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Failure } from "./command.mjs";
import { main } from "./main.mjs";
import { installPackages } from "./packages.mjs";
import { root } from "./project.mjs";
import { stampedStep } from "./step.mjs";
import { buildWasm } from "./wasm.mjs";
import { serve } from "./web-server.mjs";

await main(async () => {
  const { build, port, setup } = options();
  if (setup) {
    await installPackages();
    await buildWasm();
  }
  await buildPage();
  if (build) return;
  const url = await serve(join(root, "dist-web"), port);
  console.log(`${url}\nCtrl-C ends it.`);
});

function options() {
  try {
    const { values } = parseArgs({
      options: {
        build: { type: "boolean", default: false },
        "no-setup": { type: "boolean", default: false },
        port: { type: "string", default: "8080" },
      },
    });
    const port = Number(values.port);
    if (!Number.isInteger(port) || port < 0 || port > 65535)
      throw new Error(`--port: no port: ${values.port}`);
    return { build: values.build, setup: !values["no-setup"], port };
  } catch (error) {
    throw new Failure(`${error.message}\nnpm run web -- [--build] [--port=8080] [--no-setup]`);
  }
}

async function buildPage() {
  const parts = {
    inputs: ["web", "ts", "examples/data", "tsconfig.json", "package-lock.json", "scripts/web.mjs"],
    outputs: ["dist-web"],
  };
  await stampedStep("page", parts, async () => {
    const { build } = await import("vite");
    await build({ configFile: join(root, "web/vite.config.ts"), logLevel: "warn" });
  });
}
