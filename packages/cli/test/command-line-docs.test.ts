// docs/command-line.md has every command with every flag, in the words of --help: `npx vitest run --project packages -u` writes it anew.
import type { Command } from "commander";
import { expect, it } from "vitest";
import { programOf } from "../ts/program.js";

const BEGINNING = `# The command line

Every command with every option, as \`--help\` tells them; [packages/cli](../packages/cli/README.md) says how they are installed, what the exit codes mean
and what is written. Options of \`train\`, \`cross-validate\` and \`ensemble\` may stand in a file too, \`--config layerwise.json\`, under their names in camelCase:
\`{ "target": "price", "learningRate": 0.001 }\`.
`;

/** Commands that do something, with those that they are part of before their names. */
function leaves(command: Command, path: string): [string, Command][] {
  const name = `${path} ${command.name()}`.trim();
  const inner = command.commands.flatMap((one) => leaves(one, name));
  return inner.length > 0 ? inner : [[name, command]];
}

const cell = (text: string) => text.replaceAll("|", "\\|");

function sectionOf([name, command]: [string, Command]): string {
  const args = command.registeredArguments.map((one) => {
    const given = one.variadic ? `${one.name()}...` : one.name();
    return { shown: one.required ? `<${given}>` : `[${given}]`, what: one.description };
  });
  const options = command.options.map(({ flags, description }) => ({ shown: flags, what: description }));
  const rows = [...args, ...options].map(({ shown, what }) => `| \`${cell(shown)}\` | ${cell(what)} |`);
  const title = `## ${[name, ...args.map(({ shown }) => shown)].join(" ").replaceAll("<", "\\<")}`;
  return [title, "", `${command.description()}.`, "", "| | |", "| --- | --- |", ...rows, ""].join("\n");
}

it("every command and every flag stands in docs/command-line.md", async () => {
  const sections = leaves(programOf(), "").map(sectionOf);
  expect(sections.length).toBeGreaterThan(15);
  const text = [BEGINNING, ...sections].join("\n");
  await expect(text).toMatchFileSnapshot("../../../docs/command-line.md");
});
