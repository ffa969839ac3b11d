import { inNode } from "./node-module.js";
import { withoutSecrets } from "./secrets.js";

/** Tells the user of something that goes on and that they may not want: a warning of the process in Node, else of the console. */
export function warn(text: string): void {
  tell(withoutSecrets(text));
}

let tell = (text: string): void => {
  if (inNode() && typeof process.emitWarning === "function") {
    process.emitWarning(text, "LayerwiseWarning");
  } else {
    console.warn(`layerwise: ${text}`);
  }
};

/** In a worker: its caller's side tells the user. */
export function redirectWarnings(to: (text: string) => void): void {
  tell = to;
}

const given = new Set<string>();

/** {@link warn}, once for each text. */
export function warnOnce(text: string): void {
  if (given.has(text)) return;
  given.add(text);
  warn(text);
}
