/** Only inlined.ts imports such a file: scripts/dist.mjs deflates it and has esbuild make base64 of it. */
declare module "*.wasm" {
  const deflated: string;
  export default deflated;
}
