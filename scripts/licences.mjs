// Licences' texts, as a package has to carry them with what it holds of others.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "./command.mjs";

/** In characters: less is a mere pointer to one, such as "MIT OR Apache-2.0". */
const SHORTEST_LICENCE = 100;

/** A longer one: which files hold the licences. */
const POINTER = /^Licensed under the Apache License, Version 2\.0\s+<LICENSE-APACHE or/;

/** Where MIT is one of several to choose from, it is chosen. */
export function licenceTexts(folder, otherwise) {
  const files = readdirSync(folder, { recursive: true }).filter((name) =>
    /^(licenses[\\/])?(licen[sc]e|copying|copyright|notice|unlicense)(?!s$)/i.test(name),
  );
  const hasMit = files.some((name) => /^license-mit/i.test(name));
  const others = /^(licen[sc]e-(apache|bsd|0bsd|zlib)|unlicense|copying$)/i;
  const needed = files.filter((name) => !(hasMit && others.test(name)));
  const texts = needed.sort().map((name) => readFileSync(join(folder, name), "utf8"));
  const whole = texts.filter((text) => text.length > SHORTEST_LICENCE && !POINTER.test(text));
  if (whole.length === 0 && otherwise !== undefined) return [otherwise];
  if (whole.length === 0) throw new Failure(`${folder}: expected a licence`);
  return whole;
}

/** The file: a table of the parts, and each text once, with those that are under it. */
export function notices(head, parts) {
  const users = new Map();
  for (const part of parts) {
    for (const text of new Set(part.texts.map(tidy))) {
      users.set(text, [...(users.get(text) ?? []), `${part.name} ${part.version}`.trim()]);
    }
  }
  const rows = parts.map(({ name, version, license }) => `| ${name} | ${version} | ${license} |`);
  const texts = [...users].map(([text, names]) => `## ${names.join(", ")}\n\n\`\`\`\n${text}\n\`\`\`\n`);
  return `${head}\n| part | version | licence |\n| --- | --- | --- |\n${rows.join("\n")}\n\n${texts.join("\n")}`;
}

function tidy(text) {
  return text
    .split(/\r?\n/)
    .map((line) => line.trimEnd())
    .join("\n")
    .replace(/^\n+|\n+$/g, "");
}
