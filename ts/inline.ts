/**
 * `layerwise/inline`: the same API from one file, which holds the build for one thread itself and so fetches and reads
 * nothing.
 */
export * from "./index.js";
