import type { Matrix, OutputActivation } from "layerwise";

/** What the network is asked about an image. */
export interface Task {
  readonly question: string;
  /** The name of each class, in the order of its label. */
  readonly classes: readonly string[];
  readonly outputs: number;
  readonly outputActivation: OutputActivation;
  /** An image's digit → its label. */
  label(digit: number): number;
  /** The network's output for one image → the label it stands for. */
  answer(outputs: Float32Array | Float64Array): number;
}

export type TaskName = "digits" | "even-odd";

export const TASKS: Record<TaskName, Task> = {
  digits: {
    question: "Which digit is it?",
    classes: Array.from({ length: 10 }, (_, digit) => `${digit}`),
    outputs: 10,
    outputActivation: "softmax",
    label: (digit) => digit,
    answer: (outputs) => outputs.indexOf(Math.max(...outputs)),
  },
  // The notebook's form: one sigmoid unit.
  "even-odd": {
    question: "Is the digit even?",
    classes: ["odd", "even"],
    outputs: 1,
    outputActivation: "sigmoid",
    label: (digit) => (digit % 2 === 0 ? 1 : 0),
    answer: ([probability = 0]) => (probability > 0.5 ? 1 : 0),
  },
};

/** The answers to all rows of a network's outputs. */
export function answers(task: Task, outputs: Matrix): number[] {
  const { data, rows, cols } = outputs;
  return Array.from({ length: rows }, (_, i) => task.answer(data.subarray(i * cols, (i + 1) * cols)));
}
