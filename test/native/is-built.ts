import { existsSync } from "node:fs";

/** Whether the native engine's files for this machine are there: their folder always is. */
export const IS_BUILT = existsSync("packages/native/npm/linux-x64-gnu/layerwise.x64-v3.node");
