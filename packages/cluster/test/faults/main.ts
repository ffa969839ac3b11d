// npm run test:cluster: several hosts on this machine, and what may befall them. Each time the journal's content, the best trial and its
// model's hash are those of one undisturbed process, and nothing is counted twice.
import { freePort, whyNoProgram, whyNoRedis } from "../servers.js";
import { Cluster } from "./cluster.js";
import { Hosts, whyNoHosts } from "./hosts.js";
import { IN_ROUNDS } from "./rounds.js";
import { SCENARIOS, type Scenario } from "./scenarios.js";

const why = whyNoRedis() ?? whyNoProgram() ?? whyNoHosts();
const wanted = process.argv.slice(2);
if (why !== undefined) console.error(`SKIPPED: ${why}`);
else {
  const hosts = new Hosts(["redis", "a", "b", "c"]);
  const end = () => hosts.end();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      end();
      process.exit(130);
    });
  }
  try {
    console.error(`four hosts: ${hosts.how}`);
    for (const scenario of [...SCENARIOS, ...IN_ROUNDS]) {
      if (wanted.length > 0 && !wanted.some((word) => scenario.name.includes(word))) continue;
      if (!(await passes(scenario, hosts))) process.exitCode = 1;
    }
  } finally {
    end();
  }
}
process.exit(); // what a failed scenario left must not keep it

async function passes(scenario: Scenario, hosts: Hosts): Promise<boolean> {
  const cluster = new Cluster(hosts, await freePort(), scenario.isPersistent === true, scenario.method);
  const begun = performance.now();
  const say = (text: string) =>
    console.error(`${scenario.name}: ${text}, ${((performance.now() - begun) / 1000).toFixed(0)} s`);
  try {
    const isStudy = scenario.trials > 0;
    const expected = isStudy ? await cluster.expected(scenario.trials, scenario.options) : [];
    await cluster.start(scenario.workers);
    const text = await scenario.run(cluster, scenario);
    if (text.startsWith("SKIPPED")) {
      say(text);
      return true;
    }
    const content = isStudy ? await cluster.content() : [];
    const isSame = content.length === expected.length && content.every((line, i) => line === expected[i]);
    const isRight = isSame && !/NOT |OTHERWISE|not refused/.test(text);
    const how = isStudy ? `same content (${content.length} lines)` : "the same";
    say(`${isRight ? how : "FAILED"}: ${text}`);
    if (!isSame)
      console.error(
        content
          .filter((line) => !expected.includes(line))
          .slice(0, 3)
          .join("\n"),
      );
    return isRight;
  } catch (error) {
    say(`FAILED: ${error instanceof Error ? error.stack : error}\n${cluster.notes.join("\n")}`);
    return false;
  } finally {
    await cluster.end();
  }
}
