// CONTRIBUTING.md's recipes: each place that they name is there for everything in the catalogue, and no other is needed.
import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ACTIVATIONS, type Activation, activationRow } from "../../ts/catalog/activations.js";
import { INITIALIZATIONS } from "../../ts/catalog/initializations.js";
import { LAYER_TYPES } from "../../ts/catalog/layers.js";
import { LOSS_ROWS, LOSSES, type LossName } from "../../ts/catalog/losses.js";
import { namesOf, OPTIMIZERS, UPDATE_RULES } from "../../ts/catalog/optimizers.js";
import { SCHEDULE_NAMES, scheduleOptions } from "../../ts/catalog/schedules.js";
import { textOf } from "./sources.js";

/** What a place must say of a name: a text, or what is found in it. */
type Sign = (name: string) => string | RegExp;

interface Recipe {
  readonly heading: string;
  readonly names: readonly string[];
  /** The files of one name, and what stands in files of all. */
  readonly files: readonly string[];
  readonly places: Readonly<Record<string, Sign>>;
}

const activations = Object.keys(ACTIVATIONS) as Activation[];
const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const tableRow = (name: string) => new RegExp(`^\\| \`${name}\` \\|.*$`, "m");
const listed = (name: string) => `* - ${name}: `;
/** Declared, and with a line in the table. */
const inCrate = (name: string) =>
  new RegExp(`^mod ${snake(name)};[^]*^table! \\{[^]*^ {4}${snake(name)}(\\(\\w+\\))?: [^]*^\\}`, "m");

const RECIPES: readonly Recipe[] = [
  {
    heading: "To add an activation",
    names: activations,
    files: ["crate/src/activations/<snake_name>.rs", "test/golden/activations/<name>.json"],
    places: {
      "crate/src/activations.rs": inCrate,
      "ts/catalog/activations.ts": listed,
      "test/reference.ts": (name) => new RegExp(`^  ${name}: \\{\\s+g: `, "m"),
      "test/golden/activations/make.py": (name) => `    "${name}": `,
      "docs/guide.md": tableRow,
    },
  },
  {
    heading: "To add a loss",
    names: LOSSES,
    files: ["crate/src/losses/<snake_name>.rs", "test/golden/losses/<name>.json"],
    places: {
      "crate/src/losses.rs": inCrate,
      "ts/catalog/losses.ts": listed,
      "ts/config/option-names.ts": (name) => `${name}: namesOf(LOSS_ROWS.${name}.parameters)`,
      "ts/config/loss-forms.ts": (name) => `export function ${name}(`,
      "ts/index.ts": (name) =>
        new RegExp(`^export \\{[^}]*\\b${name}\\b[^}]*\\} from "./config/loss-forms.js";`, "m"),
      "test/reference.ts": (name) => new RegExp(`^  ${name}: (\\{|(meanOver|sumOver)Units\\()$`, "m"),
      "test/golden/losses/make.py": (name) => `    "${name}": (`,
      "docs/guide.md": tableRow,
    },
  },
  {
    heading: "To add an update rule",
    names: UPDATE_RULES,
    files: ["crate/src/optimizers/<snake_name>.rs", "test/golden/optimizers/<name>.json"],
    places: {
      "crate/src/optimizers.rs": inCrate,
      "ts/catalog/optimizers.ts": (name) => `  ${name}: {`,
      "ts/config/option-names.ts": (name) => `${name}: namesOf(OPTIMIZERS.${name}.hyperparameters)`,
      "ts/training/optimizers.ts": (name) => `export function ${name}(`,
      "ts/training/update-range.ts": () => "export function largestGradient(rule: UpdateRule",
      "ts/index.ts": (name) => new RegExp(`^ {2}${name},$`, "m"),
      "test/reference-rules.ts": (name) => new RegExp(`^ {2}${name}[:,]`, "m"),
      "test/golden/optimizers/make.py": (name) => `    "${name}": (`,
      "docs/guide.md": tableRow,
    },
  },
  {
    heading: "To add a schedule",
    names: SCHEDULE_NAMES,
    files: ["crate/src/schedules/<snake_name>.rs"],
    places: {
      "crate/src/schedules.rs": inCrate,
      "ts/catalog/schedules.ts": listed,
      "ts/config/schedules.ts": (name) => `export function ${name}(`,
      "ts/config/option-names.ts": (name) => `${name}: scheduleOptions("${name}")`,
      "ts/index.ts": (name) => new RegExp(`^ {2}${name},$`, "m"),
      "test/golden/schedules/make.py": (name) => `"type": "${name}"`,
      "docs/guide.md": tableRow,
    },
  },
  {
    heading: "To add a layer",
    names: LAYER_TYPES,
    files: [],
    places: {
      "ts/catalog/layers.ts": (name) => `type: "${name}";`,
      "ts/config/layers.ts": (name) => new RegExp(`^export function ${name}[<(]`, "m"),
      "ts/config/option-names.ts": (name) => `  ${name}: [`,
      "ts/index.ts": (name) => new RegExp(`^ {2}${name},$`, "m"),
      "ts/config/architecture.ts": (name) => `"${name}"`,
      "ts/model/passes.ts": () => "export function forwardPass(",
      "test/golden/layers/make.py": (name) => `"${name}"`,
      "docs/guide.md": (name) => new RegExp(`^\\| \`${name}\\(`, "m"),
    },
  },
  {
    heading: "To add an initialisation",
    names: INITIALIZATIONS,
    files: [],
    places: {
      "crate/src/initializations.rs": (name) =>
        new RegExp(`^table! \\{[^]*^ {4}${snake(name)}: [^]*^\\}`, "m"),
      "ts/catalog/initializations.ts": (name) => `* - \`"${name}"\`: `,
      "docs/guide.md": tableRow,
    },
  },
];

/** What output activations alone don't have: a golden run and a plain version as a hidden layer's. */
const HIDDEN_ONLY = [
  "test/golden/activations/<name>.json",
  "test/golden/activations/make.py",
  "test/reference.ts",
];

/** What a loss with parameters has. */
const PARAMETERS_ONLY = ["ts/config/option-names.ts", "ts/config/loss-forms.ts", "ts/index.ts"];

function needs(name: string, path: string): boolean {
  if (name in LOSS_ROWS && PARAMETERS_ONLY.includes(path))
    return LOSS_ROWS[name as LossName].parameters.length > 0;
  return !(name in ACTIVATIONS) || activationRow(name as Activation).hidden || !HIDDEN_ONLY.includes(path);
}

/** The paths in code marks in the numbered steps of a section of CONTRIBUTING.md. */
function pathsOf(heading: string): string[] {
  const section =
    textOf("CONTRIBUTING.md")
      .split(/^## /m)
      .find((part) => part.startsWith(`${heading}\n`)) ?? "";
  const steps = section.match(/^(\d+\. | {3}\S).*$/gm) ?? [];
  return [...steps.join("\n").matchAll(/`([a-z]+\/[^`]+)`/g)].map(([, path = ""]) => path);
}

function expressionOf(sign: string | RegExp): RegExp {
  return typeof sign === "string" ? new RegExp(sign.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")) : sign;
}

describe.each(RECIPES)("$heading:", ({ heading, names, files, places }) => {
  it("CONTRIBUTING.md names these places and no others", () => {
    expect([...new Set(pathsOf(heading))].sort()).toEqual([...files, ...Object.keys(places)].sort());
  });

  it.each(names)("every step was taken for %s", (name) => {
    const paths = files
      .filter((path) => needs(name, path))
      .map((path) => path.replace("<name>", name).replace("<snake_name>", snake(name)));
    const absent = paths.filter((path) => !existsSync(path));
    const silent = Object.entries(places)
      .filter(([path]) => needs(name, path))
      .filter(([path, sign]) => !expressionOf(sign(name)).test(textOf(path)))
      .map(([path]) => `${path}, its line for ${name}`);
    expect([...absent, ...silent]).toEqual([]);
  });
});

describe("docs/guide.md's tables say what the rows say:", () => {
  const cells = (name: string) => tableRow(name).exec(textOf("docs/guide.md"))?.[0].split(" | ") ?? [];

  it.each(activations)("%s", (name) => {
    const { hidden, output, onnx } = activationRow(name);
    const layers = [hidden ? "hidden" : "", output ? "output" : ""].filter((word) => word !== "");
    const operators = new Set(onnx?.map(({ operator }) => operator));
    expect(cells(name).slice(-2)).toEqual([layers.join(", "), `${[...operators].join(", ")} |`]);
  });

  it.each(LOSSES)("%s", (name) => expect(cells(name)[2]).toBe(LOSS_ROWS[name].of));

  it.each(SCHEDULE_NAMES)("%s", (name) => {
    const options = [...(cells(name).at(-1) ?? "").matchAll(/`(\w+)`/g)].map(([, option]) => option);
    expect([...options, "epochs", "steps"]).toEqual(scheduleOptions(name));
  });

  it.each(UPDATE_RULES)("%s", (name) => {
    const options = [...(cells(name).at(-1) ?? "").matchAll(/`(\w+)`/g)].map(([, option]) => option);
    expect(options).toEqual(namesOf(OPTIMIZERS[name].hyperparameters));
  });
});
