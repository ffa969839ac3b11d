import type { Matrix, OutputActivation } from "layerwise";
import { packagedMnist } from "./data.js";
import type { Options } from "./options.js";

/** What the network is asked about an image. */
export interface Task {
  readonly question: string;
  /** The name of each answer, in the order of `target`. */
  readonly answers: readonly string[];
  readonly outputs: number;
  readonly outputActivation: OutputActivation;
  /** An image's label in the files → which answer is right. */
  target(label: number): number;
  /** The network's output for one image → the answer it stands for. */
  answer(outputs: Float32Array | Float64Array): number;
}

const DIGITS = Array.from({ length: 10 }, (_, digit) => `${digit}`);

/** The names of what the labels in the files stand for. */
export function classNames({ classes }: Pick<Options, "classes">): readonly string[] {
  return classes ?? DIGITS;
}

/** The task on the data of this folder: only of the packaged MNIST it is known that its classes are digits. */
export function taskOf(options: Pick<Options, "task" | "data" | "classes">): Task {
  const isDigits = options.data === packagedMnist() && options.classes === undefined;
  if (options.task === "even-odd")
    return evenOdd(isDigits ? "Is the digit even?" : "Is the class’s number even?");
  const names = classNames(options);
  return {
    question: isDigits ? "Which digit is it?" : "Which class is it?",
    answers: names,
    outputs: names.length,
    outputActivation: "softmax",
    target: (label) => label,
    answer: (outputs) => outputs.indexOf(Math.max(...outputs)),
  };
}

/** The notebook's form: one sigmoid unit. */
function evenOdd(question: string): Task {
  return {
    question,
    answers: ["odd", "even"],
    outputs: 1,
    outputActivation: "sigmoid",
    target: (label) => (label % 2 === 0 ? 1 : 0),
    answer: ([probability = 0]) => (probability > 0.5 ? 1 : 0),
  };
}

/** The answers to all rows of a network's outputs. */
export function answersTo(task: Task, outputs: Matrix): number[] {
  const { data, rows, cols } = outputs;
  return Array.from({ length: rows }, (_, i) => task.answer(data.subarray(i * cols, (i + 1) * cols)));
}
