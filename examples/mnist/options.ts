import { Command, InvalidArgumentError, Option } from "commander";
import type { Dtype, Threads } from "layerwise";
import { packagedMnist } from "./data.js";

export interface Options {
  readonly task: "digits" | "even-odd";
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly l2: number;
  readonly keepProb: number;
  readonly seed: number;
  readonly dtype: Dtype;
  readonly threads: Threads;
  /** The folder of the four IDX files. */
  readonly data: string;
  /** The names of the data's classes 0, 1, …; undefined: of the ten digits. */
  readonly classes?: readonly string[];
  /** The folder that pictures are written to. */
  readonly out: string;
}

/** Reads the command line (without node and the file); ends the process on --help or a wrong option. */
export function parseOptions(args: readonly string[]): Options {
  const command = new Command("npm start --")
    .usage("[options]")
    .description("Trains a network on MNIST: its progress, learning curve, accuracy and confusion matrix.")
    .addOption(
      new Option("--task <task>", "which digit it is, or whether it is even")
        .choices(["digits", "even-odd"])
        .default("digits"),
    )
    .option("--epochs <n>", "how often every example is visited", toNumber, 5)
    .option("--batch-size <n>", "examples a step", toNumber, 128)
    .option("--learning-rate <a>", "Adam's learning rate", toNumber, 0.001)
    .option("--l2 <lambda>", "L2 regularisation; 0 is none", toNumber, 0)
    .option("--keep-prob <p>", "dropout: probability of keeping a hidden unit; 1 is none", toNumber, 0.9)
    .option("--seed <n>", "the same seed gives the same numbers", toNumber, 0)
    .addOption(new Option("--dtype <type>", "number type").choices(["float32", "float64"]).default("float32"))
    .option("--threads <n>", "1 or more; they change no number", toThreads, "auto")
    .option(
      "--data <folder>",
      "other IDX files of MNIST's names, such as Fashion-MNIST's; raw or .gz",
      toFolder,
    )
    .option("--classes <names>", "what their labels 0, 1, … stand for, such as T-shirt,Trouser,…", toNames)
    .option("--out <folder>", "where the picture is written", toFolder, "out")
    .allowExcessArguments(false)
    .parse(args, { from: "user" });
  const options = command.opts<Omit<Options, "data"> & { readonly data?: string }>();
  if (options.classes !== undefined && options.task !== "digits") {
    command.error("error: option '--classes <names>' is for --task digits");
  }
  return { ...options, data: options.data ?? packagedMnist() };
}

function toFolder(text: string): string {
  if (text.trim() === "") throw new InvalidArgumentError("Expected the name of a folder.");
  return text;
}

function toNames(text: string): readonly string[] {
  const names = text.split(",").map((name) => name.trim());
  if (names.length < 2) throw new InvalidArgumentError("Expected at least two names, with commas between.");
  if (names.includes("")) throw new InvalidArgumentError("A name is blank.");
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new InvalidArgumentError(`${twice} is there twice.`);
  return names;
}

function toThreads(text: string): Threads {
  return text === "auto" ? text : toNumber(text);
}

function toNumber(text: string): number {
  const number = Number(text);
  if (text.trim() === "" || Number.isNaN(number)) throw new InvalidArgumentError("Not a number.");
  return number;
}
