// Hosts on one machine: network namespaces joined by veth pairs and a bridge, with 1 Gbit/s each and 5 ms there and back.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Why there can be none here; undefined where there can. */
export function whyNoHosts(): string | undefined {
  const name = `lw${process.pid}try`;
  try {
    run("ip", "netns", "add", name);
    run("ip", "netns", "del", name);
    return undefined;
  } catch (error) {
    return `no network namespaces (root and iproute2): ${error instanceof Error ? error.message.split("\n")[0] : error}`;
  }
}

export function run(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

const MILLISECONDS = 5;

/** Some hosts, the first of which is this process's own. */
export class Hosts {
  readonly #prefix = `lw${process.pid}`;
  readonly #names: string[];
  /** What shapes the traffic: netem, or a relay where the kernel has none. */
  readonly how: string;
  readonly #relays: ChildProcess[] = [];
  #isDelayedByKernel = false;

  constructor(names: readonly string[]) {
    this.#names = [...names];
    run("ip", "netns", "add", this.#hub);
    run("ip", "-n", this.#hub, "link", "add", "bridge", "type", "bridge");
    run("ip", "-n", this.#hub, "link", "set", "bridge", "up");
    run("ip", "-n", this.#hub, "link", "set", "lo", "up");
    run("ip", "-n", this.#hub, "addr", "add", `${NET}.1/24`, "dev", "bridge");
    run("ip", "link", "add", this.#prefix, "type", "veth", "peer", "name", "own", "netns", this.#hub);
    run("ip", "addr", "add", `${NET}.2/24`, "dev", this.#prefix);
    run("ip", "link", "set", this.#prefix, "up");
    this.#join("own");
    names.forEach((name, i) => {
      run("ip", "netns", "add", this.#space(name));
      run("ip", "-n", this.#space(name), "link", "set", "lo", "up");
      run(
        "ip",
        "-n",
        this.#space(name),
        "link",
        "add",
        "net",
        "type",
        "veth",
        "peer",
        "name",
        name,
        "netns",
        this.#hub,
      );
      run("ip", "-n", this.#space(name), "addr", "add", `${NET}.${10 + i}/24`, "dev", "net");
      run("ip", "-n", this.#space(name), "link", "set", "net", "up");
      this.#join(name);
      this.#shape(name);
    });
    this.how = this.#isDelayedByKernel
      ? `1 Gbit/s and ${MILLISECONDS} ms by netem`
      : `1 Gbit/s by tbf, ${MILLISECONDS} ms by a relay (this kernel has no netem)`;
  }

  get #hub(): string {
    return `${this.#prefix}hub`;
  }

  /** What runs a command on a host. */
  on(name: string): string[] {
    return ["ip", "netns", "exec", this.#space(name)];
  }

  /** Its address as others see it. */
  address(name: string): string {
    return `${NET}.${10 + this.#names.indexOf(name)}`;
  }

  /** Where a server's port on a host is found: through a relay, where the kernel delays nothing. */
  async reach(name: string, port: number): Promise<{ host: string; port: number }> {
    if (this.#isDelayedByKernel) return { host: this.address(name), port };
    const relay = fileURLToPath(new URL("delay-relay.mjs", import.meta.url));
    const given = [`${NET}.1`, `${port}`, this.address(name), `${port}`, `${MILLISECONDS / 2}`];
    const child = spawn("ip", ["netns", "exec", this.#hub, process.execPath, relay, ...given], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#relays.push(child);
    await new Promise((resolve) => child.stdout?.once("data", resolve));
    return { host: `${NET}.1`, port };
  }

  cut(name: string): void {
    run("ip", "-n", this.#hub, "link", "set", "dev", name, "down");
  }

  heal(name: string): void {
    run("ip", "-n", this.#hub, "link", "set", "dev", name, "up");
  }

  end(): void {
    for (const relay of this.#relays) relay.kill("SIGKILL");
    for (const space of [...this.#names.map((name) => this.#space(name)), this.#hub]) {
      try {
        run("ip", "netns", "del", space);
      } catch {
        // It was never made.
      }
    }
  }

  #space(name: string): string {
    return `${this.#prefix}${name}`;
  }

  #join(name: string): void {
    run("ip", "-n", this.#hub, "link", "set", "dev", name, "master", "bridge");
    run("ip", "-n", this.#hub, "link", "set", "dev", name, "up");
  }

  #shape(name: string): void {
    const at = ["netns", "exec", this.#space(name), "tc", "qdisc", "add", "dev", "net", "root"];
    try {
      run("ip", ...at, "netem", "delay", `${MILLISECONDS / 2}ms`, "rate", "1gbit");
      this.#isDelayedByKernel = true;
    } catch {
      run("ip", ...at, "tbf", "rate", "1gbit", "burst", "256kb", "latency", "50ms");
    }
  }
}

const NET = "10.197.31";
