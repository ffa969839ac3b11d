import { readFile } from "node:fs/promises";
import { transform } from "esbuild";

/** A file of this folder as JavaScript. */
export async function javascript(file: string, format: "esm" | "cjs" = "esm"): Promise<string> {
  const source = await readFile(new URL(file, import.meta.url), "utf8");
  return (await transform(source, { loader: "ts", format })).code;
}
