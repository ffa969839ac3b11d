import { angular } from "./angular.js";
import { bundlers } from "./bundlers.js";
import { frameworks } from "./frameworks.js";
import type { Place } from "./place.js";
import { runtimes } from "./runtimes.js";
import { testRunners } from "./test-runners.js";
import { typescripts } from "./typescripts.js";
import { vite } from "./vite.js";

/** Every place, in the order of the table in docs/environments.md. */
export const places: readonly Place[] = [
  ...runtimes,
  ...testRunners,
  ...vite,
  ...bundlers,
  ...frameworks,
  ...angular,
  ...typescripts,
];
