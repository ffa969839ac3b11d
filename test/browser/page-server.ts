import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

export interface PageServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** `npm run web` on a free port, with packages and kernels as they are. */
export function startPageServer(): Promise<PageServer> {
  const child = spawn(process.execPath, ["scripts/web.mjs", "--no-setup", "--port=0"], { cwd: root });
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  const stop = () => {
    child.kill();
    return ended;
  };
  return new Promise((resolve, reject) => {
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        const url = output.match(/http:\/\/localhost:\d+\//)?.[0];
        if (url !== undefined) resolve({ url, stop });
      });
    }
    child.on("error", reject);
    child.on("close", (code) => reject(new Error(`scripts/web.mjs ended with ${code}:\n${output}`)));
  });
}
