/** Tells the user of something that goes on and that they may not want: a warning of the process in Node, else of the console. */
export function warn(text: string): void {
  if (typeof process === "object" && typeof process.emitWarning === "function") {
    process.emitWarning(text, "LayerwiseWarning");
  } else {
    console.warn(`layerwise: ${text}`);
  }
}
