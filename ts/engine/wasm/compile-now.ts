import { EnvironmentError } from "../../errors/errors.js";
import { inNode, nodeModuleNow } from "../../platform/node-module.js";
import { messageOf } from "../../platform/realm.js";
import type { BuildFile } from "./beside.js";
import { isModule } from "./configuration.js";
import type { Compiled } from "./load.js";
import { locateNow, NAMES } from "./locate.js";

/**
 * Compiles a build while the caller waits: Node reads the file, a page or its worker makes a request that is waited for.
 * Raises EnvironmentError where there is no such way, as in a service worker.
 */
export function compileNow(name: BuildFile): Compiled {
  try {
    const source = locateNow(name);
    if (isModule(source)) return { module: source, place: `configure.${name}` };
    const place = typeof source === "string" ? source : `configure.${name}`;
    return { module: new WebAssembly.Module(typeof source === "string" ? bytesAt(source) : source), place };
  } catch (cause) {
    const got = `${messageOf(cause)}. Make a network of that number type first: its build is there from then on`;
    throw new EnvironmentError(NAMES[name], "a build that can be loaded at once", got, { cause });
  }
}

function bytesAt(href: string): BufferSource {
  if (href.startsWith("file:") && inNode()) {
    const fs = nodeModuleNow<typeof import("node:fs")>("node:fs");
    if (fs === undefined) throw new Error("node:fs comes by a promise alone here");
    return new Uint8Array(fs.readFileSync(new URL(href)));
  }
  if (typeof XMLHttpRequest !== "function") throw new Error("files come by a promise alone here");
  const request = new XMLHttpRequest();
  request.open("GET", href, false);
  request.overrideMimeType("text/plain; charset=x-user-defined"); // A page may wait for a text alone: a character a byte.
  request.send();
  if (request.status !== 200 && !(request.status === 0 && href.startsWith("file:"))) {
    throw new Error(`${href}: status ${request.status}`);
  }
  return Uint8Array.from(request.responseText, (character) => character.charCodeAt(0) & 0xff);
}
