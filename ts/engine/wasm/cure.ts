import { EnvironmentError, shortened } from "../../errors/errors.js";
import { inNode } from "../../platform/node-module.js";

/**
 * The error for a file that can't be had or used, with the cure for the place where this is, as far as that can be
 * told from the file's address and from what came. docs/environments.md says more on each.
 */
export function curedError(place: string, expected: string, got: string, cause?: unknown): EnvironmentError {
  const { cure } = CURES.find(({ fits }) => fits(place, got)) ?? COPY;
  return new EnvironmentError(
    place,
    expected,
    `${shortened(got, LONGEST_GOT)}. ${cure}`,
    cause === undefined ? {} : { cause },
  );
}

/** Leaves room for the cure in what an error shows. */
const LONGEST_GOT = 250;

const COPY = {
  cure:
    "Copy the folder node_modules/layerwise/dist/wasm beside the script, or say by configure({ wasm, threadsWasm, " +
    'worker }) where its files are, or import from "layerwise/inline"',
};

/** The first that fits a file's address and what came. */
const CURES: readonly { readonly fits: (place: string, got: string) => boolean; readonly cure: string }[] = [
  {
    fits: (place) => place.includes("/.vite/"),
    cure: `In Vite's dev server: optimizeDeps: { exclude: ["layerwise"] } in vite.config`,
  },
  {
    fits: (place, got) =>
      place.includes("/_next/") || place.includes("/.next/") || got.includes("Edge Runtime"),
    cure:
      `In Next's server: serverExternalPackages: ["layerwise"] in next.config. In its edge runtime: ` +
      'import wasm from "layerwise/wasm/layerwise.wasm?module"; configure({ wasm })',
  },
  {
    fits: (_, got) =>
      /Content.Security.Policy|unsafe-eval|\bCSP\b/i.test(got) || (inPage() && FORBIDDEN.test(got)),
    cure: "The page's Content-Security-Policy needs script-src 'wasm-unsafe-eval'",
  },
  {
    fits: (_, got) => FORBIDDEN.test(got),
    cure:
      "Where nothing may be compiled at run time, give what was compiled before: " +
      'import wasm from "layerwise/wasm/layerwise.wasm"; configure({ wasm })',
  },
  {
    fits: (place) => place.startsWith("file:") && inPage(),
    cure: 'Where a page may not read files: import from "layerwise/inline"',
  },
  {
    fits: (place, got) => /^https?:/.test(place) && /Error: /.test(got),
    cure: "The server was not reached, broke off, or is forbidden by CORS or the Content-Security-Policy's connect-src",
  },
];

/** V8's words where its embedder forbids to compile. */
const FORBIDDEN = /code generation|disallowed by embedder/i;

function inPage(): boolean {
  return typeof location === "object" && !inNode();
}
