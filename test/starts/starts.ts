import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** Fresh processes that each start threads, make memory grow meanwhile and train on what has grown. */

export interface Starts {
  /** Processes in all, and how many of them run at a time: those are the load. */
  readonly times: number;
  readonly atOnce: number;
  readonly threads: number;
  /** The Node that runs them. */
  readonly node: string;
}

/** What a process prints: its network's threads and why, and its loss, which is the same in all. */
interface Start {
  readonly threads: number;
  readonly reason: string;
  readonly loss: number;
}

export interface Outcome {
  /** What was other than it should be. */
  readonly faults: readonly string[];
  readonly seconds: number;
}

const INDEX = new URL("../../dist/index.js", import.meta.url);

/** While the workers of the first network start, others are made, and each makes memory grow. */
const PROGRAM = `
  import { adam, createNetwork, Matrix } from ${JSON.stringify(INDEX.href)};
  const threads = Number(process.argv[1]);
  const start = createNetwork({ layerDims: [784, 128, 10], outputActivation: "softmax", seed: 1, threads });
  const growing = [2, 3, 4].map((n) => createNetwork({ layerDims: [784, 128 * n, 10], threads: n }));
  const network = await start;
  for (const other of await Promise.all(growing)) other.dispose();
  const x = new Matrix(Float32Array.from({ length: 256 * 784 }, (_, i) => (i % 97) / 97), 256, 784);
  const y = Array.from({ length: 256 }, (_, i) => i % 10);
  const { loss } = await network.fit(x, y, { epochs: 2, batchSize: 256, optimizer: adam() });
  const { threads: used, reason } = network.runtime;
  console.log(JSON.stringify({ threads: used, reason, loss: loss[1] }));
  process.exit();
`;

/** Starts them all; reports each fault as it comes. */
export async function runStarts(
  { times, atOnce, threads, node }: Starts,
  report: (line: string) => void = () => undefined,
): Promise<Outcome> {
  const began = performance.now();
  const faults: string[] = [];
  let first: Start | undefined;
  let next = 0;
  const lane = async () => {
    while (next < times) {
      const number = ++next;
      const came = await start(node, threads);
      first ??= typeof came === "string" ? undefined : came;
      const fault = typeof came === "string" ? came : faultOf(came, threads, first);
      if (fault === undefined) continue;
      faults.push(`start ${number}: ${fault}`);
      report(`start ${number}: ${fault}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return { faults, seconds: (performance.now() - began) / 1000 };
}

function faultOf(
  { threads, reason, loss }: Start,
  asked: number,
  first: Start | undefined,
): string | undefined {
  if (threads !== asked) return `${threads} threads: ${reason}`;
  return loss === first?.loss ? undefined : `loss ${loss}, where another start has ${first?.loss}`;
}

/** What came, or in words why nothing did. */
async function start(node: string, threads: number): Promise<Start | string> {
  try {
    const args = ["--input-type=module", "-e", PROGRAM, `${threads}`];
    const options = { timeout: 300_000, cwd: fileURLToPath(new URL(".", import.meta.url)) };
    const { stdout } = await promisify(execFile)(node, args, options);
    return JSON.parse(stdout);
  } catch (error) {
    return String(error);
  }
}
