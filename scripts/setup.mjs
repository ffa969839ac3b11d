// All that must be there before the sources run. Each part is left out while it is up to date.
import { installPackages } from "./packages.mjs";
import { buildWasm } from "./wasm.mjs";

export async function setUp() {
  await installPackages();
  await buildWasm();
}
