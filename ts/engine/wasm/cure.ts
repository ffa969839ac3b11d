import { EnvironmentError, shortened } from "../../errors/errors.js";
import { inNode } from "../../platform/node-module.js";
import type { FileName } from "./beside.js";

/**
 * The error for a file that can't be had or used, with the cure for the place where this is, as far as that can be
 * told from the file's address and from what came. docs/environments.md says more on each.
 */
export function curedError(
  file: FileName,
  place: string,
  expected: string,
  got: string,
  cause?: unknown,
): EnvironmentError {
  const { cure } = CURES.find(({ fits }) => fits(place, got)) ?? COPY;
  return new EnvironmentError(
    place,
    expected,
    `${shortened(got, LONGEST_GOT)}. ${cure(wordsFor(file))}`,
    cause === undefined ? {} : { cause },
  );
}

/** The builds of a number type or of fast math, in the words of cures. */
interface Words {
  /** The file for one thread, and its option. */
  readonly file: string;
  readonly option: string;
  readonly options: string;
  /** How to do without files. */
  readonly inline: string;
}

const INLINE = 'import from "layerwise/inline"';
const OF_ONE_THREAD = `${INLINE}, which has one thread`;

const OF_FLOAT32: Words = {
  file: "layerwise.wasm",
  option: "wasm",
  options: "wasm, threadsWasm",
  inline: INLINE,
};
const OF_FLOAT64: Words = {
  file: "layerwise-float64.wasm",
  option: "float64Wasm",
  options: "float64Wasm, float64ThreadsWasm",
  inline: INLINE,
};

const OF_FAST: Words = {
  file: "layerwise-fast.wasm",
  option: "fastWasm",
  options: "fastWasm, fastThreadsWasm",
  inline: `${INLINE}, which has exact math alone`,
};

function wordsFor(file: FileName): Words {
  if (file === "threadsWasm") return { ...OF_FLOAT32, inline: OF_ONE_THREAD };
  if (file === "float64ThreadsWasm") return { ...OF_FLOAT64, inline: OF_ONE_THREAD };
  if (file.startsWith("fast")) return OF_FAST;
  return file.startsWith("float64") ? OF_FLOAT64 : OF_FLOAT32;
}

/** Leaves room for the cure in what an error shows. */
const LONGEST_GOT = 250;

const COPY = {
  cure: ({ options, inline }: Words) =>
    "Copy the folder node_modules/layerwise/dist/wasm beside the script, or say by " +
    `configure({ ${options}, worker }) where its files are, or ${inline}`,
};

/** The first that fits a file's address and what came. */
const CURES: readonly {
  readonly fits: (place: string, got: string) => boolean;
  readonly cure: (words: Words) => string;
}[] = [
  {
    fits: (place) => place.includes("/.vite/"),
    cure: () => `In Vite's dev server: optimizeDeps: { exclude: ["layerwise"] } in vite.config`,
  },
  {
    fits: (place, got) =>
      place.includes("/_next/") || place.includes("/.next/") || got.includes("Edge Runtime"),
    cure: (words) =>
      `In Next's server: serverExternalPackages: ["layerwise"] in next.config. In its edge runtime: ` +
      imported(words, "?module"),
  },
  {
    fits: (_, got) =>
      /Content.Security.Policy|unsafe-eval|\bCSP\b/i.test(got) || (inPage() && FORBIDDEN.test(got)),
    cure: () => "The page's Content-Security-Policy needs script-src 'wasm-unsafe-eval'",
  },
  {
    fits: (_, got) => FORBIDDEN.test(got),
    cure: (words) =>
      `Where nothing may be compiled at run time, give what was compiled before: ${imported(words, "")}`,
  },
  {
    fits: (place) => place.startsWith("file:") && inPage(),
    cure: ({ inline }) => `Where a page may not read files: ${inline}`,
  },
  {
    fits: (place, got) => /^https?:/.test(place) && /Error: /.test(got),
    cure: () =>
      "The server was not reached, broke off, or is forbidden by CORS or the Content-Security-Policy's connect-src",
  },
];

/** As an edge runtime hands over a compiled module. */
function imported({ file, option }: Words, query: string): string {
  return `import ${option} from "layerwise/wasm/${file}${query}"; configure({ ${option} })`;
}

/** V8's words where its embedder forbids to compile. */
const FORBIDDEN = /code generation|disallowed by embedder/i;

function inPage(): boolean {
  return typeof location === "object" && !inNode();
}
