import { DATA_TYPE } from "./onnx-data-types.js";

/** What is known of an activation g besides its numbers, which crate/src/activations/ computes. */
interface ActivationRow {
  /** Whether g may be a hidden layer's, and whether the output layer's. */
  readonly hidden: boolean;
  readonly output: boolean;
  /** The number that g depends on besides z, where there is one. */
  readonly parameter?: number;
  /** Where g has a kink, and so no derivative to check: what its backward pass sees there. None of a slope. */
  readonly kinks: readonly number[];
  /** What the forward pass keeps where the backward pass doesn't see g(z): g′(z), or s of g(z) = z·s. */
  readonly keeps?: "slope" | "gate";
  /** g as operators of ONNX, one after the other. */
  readonly onnx?: readonly OnnxOperator[];
  /** The same of doubles, where one of these operators is in onnxruntime for float32 alone. */
  readonly onnxOfDoubles?: readonly OnnxOperator[];
}

/** One operator of ONNX. */
export interface OnnxOperator extends OnnxAttributes {
  readonly operator: string;
  /** What it takes: z, the output of the first operator or of the one before, or a number. Default: the output before; of the first, z. */
  readonly inputs?: readonly ("z" | "first" | "before" | number)[];
}

/** Attributes of an operator in ONNX, by their types there. */
export interface OnnxAttributes {
  readonly ints?: Readonly<Record<string, number>>;
  readonly floats?: Readonly<Record<string, number>>;
  readonly lists?: Readonly<Record<string, readonly number[]>>;
}

const HARD_SIGMOID = { operator: "HardSigmoid", floats: { alpha: 1 / 6, beta: 0.5 } } as const;

/** min(max(z/6 + 1/2, 0), 1) */
const HARD_SIGMOID_OF_DOUBLES = [
  { operator: "Mul", inputs: ["z", 1 / 6] },
  { operator: "Add", inputs: ["before", 0.5] },
  { operator: "Max", inputs: ["before", 0] },
  { operator: "Min", inputs: ["before", 1] },
] as const;

/** e^min(z, 0) − 1, behind an operator that may be the first. */
const ELU_BELOW_0 = [
  { operator: "Min", inputs: ["z", 0] },
  { operator: "Exp" },
  { operator: "Sub", inputs: ["before", 1] },
] as const;

/** max(z, 0) + log(1 + e^−|z|), which overflows nowhere. */
const SOFTPLUS_OF_DOUBLES = [
  { operator: "Relu" },
  { operator: "Abs", inputs: ["z"] },
  { operator: "Neg" },
  { operator: "Exp" },
  { operator: "Add", inputs: ["before", 1] },
  { operator: "Log" },
  { operator: "Add", inputs: ["before", "first"] },
] as const;

/** What came before, times z. */
const TIMES_Z = { operator: "Mul", inputs: ["before", "z"] } as const;

/**
 * One row per activation, by the name that the crate has in snake_case:
 * - linear: z
 * - relu: max(z, 0), g′(0) = 0
 * - leakyRelu: z where z > 0, else 0.01·z; g′(0) = 0.01
 * - tanh: tanh z, within 2.5 ulp; g′(0) = 1
 * - elu: z where z > 0, else e^z − 1; g′(0) = 1
 * - selu: λ·z where z > 0, else λ·α·(e^z − 1), λ = 1.0507…, α = 1.6732…; g′(0) = λ·α
 * - silu: z·σ(z); g′(0) = 1/2
 * - gelu: z·Φ(z) = z/2·(1 + erf(z/√2)), within 10 ulp; g′(0) = 1/2
 * - geluTanh: z/2·(1 + tanh(√(2/π)·(z + 0.044715·z³))), an approximation of gelu; g′(0) = 1/2
 * - softplus: log(1 + e^z), within 3 ulp; g′(0) = 1/2
 * - mish: z·tanh(log(1 + e^z)), within 6 ulp; g′(0) = 3/5
 * - hardSwish: z·min(max(z + 3, 0), 6)/6; g′(0) = 1/2, g′(−3) = 0, g′(3) = 1
 * - hardSigmoid: min(max(z + 3, 0), 6)/6; g′(0) = 1/6, g′(−3) = g′(3) = 0
 * - sigmoid: 1 / (1 + e⁻ᶻ); as output each unit is a yes-or-no question
 * - softmax: e^zᵢ / Σ e^zⱼ over a layer's units; one class of n_L
 */
export const ACTIVATIONS = {
  linear: { hidden: true, output: true, kinks: [], onnx: [{ operator: "Identity" }] },
  relu: { hidden: true, output: false, kinks: [0], onnx: [{ operator: "Relu" }] },
  leakyRelu: {
    hidden: true,
    output: false,
    kinks: [0],
    parameter: 0.01,
    onnx: [{ operator: "LeakyRelu", floats: { alpha: 0.01 } }],
    onnxOfDoubles: [
      { operator: "Mul", inputs: ["z", 0.01] },
      { operator: "Max", inputs: ["before", "z"] },
    ],
  },
  tanh: { hidden: true, output: false, kinks: [], onnx: [{ operator: "Tanh" }] },
  elu: {
    hidden: true,
    output: false,
    kinks: [],
    parameter: 1,
    onnx: [{ operator: "Elu", floats: { alpha: 1 } }],
    onnxOfDoubles: [...ELU_BELOW_0, { operator: "Max", inputs: ["before", "z"] }],
  },
  selu: {
    hidden: true,
    output: false,
    kinks: [0],
    onnx: [{ operator: "Selu", floats: { alpha: 1.6732632423543772, gamma: 1.0507009873554805 } }],
    onnxOfDoubles: [
      { operator: "Relu" },
      ...ELU_BELOW_0,
      { operator: "Mul", inputs: ["before", 1.6732632423543772] },
      { operator: "Add", inputs: ["before", "first"] },
      { operator: "Mul", inputs: ["before", 1.0507009873554805] },
    ],
  },
  silu: {
    hidden: true,
    output: false,
    kinks: [],
    keeps: "slope",
    onnx: [{ operator: "Sigmoid" }, TIMES_Z],
  },
  gelu: {
    hidden: true,
    output: false,
    kinks: [],
    keeps: "slope",
    onnx: [
      { operator: "Mul", inputs: ["z", Math.SQRT1_2] },
      { operator: "Erf" },
      { operator: "Add", inputs: ["before", 1] },
      TIMES_Z,
      { operator: "Mul", inputs: ["before", 0.5] },
    ],
    onnxOfDoubles: [
      { operator: "Mul", inputs: ["z", Math.SQRT1_2] },
      { operator: "Cast", ints: { to: DATA_TYPE.float32 } },
      { operator: "Erf" },
      { operator: "Cast", ints: { to: DATA_TYPE.float64 } },
      { operator: "Add", inputs: ["before", 1] },
      TIMES_Z,
      { operator: "Mul", inputs: ["before", 0.5] },
    ],
  },
  geluTanh: {
    hidden: true,
    output: false,
    kinks: [],
    keeps: "slope",
    onnx: [
      { operator: "Mul", inputs: ["z", "z"] },
      { operator: "Mul", inputs: ["before", 0.07135481627260025] },
      { operator: "Add", inputs: ["before", 1.5957691216057308] },
      TIMES_Z,
      { operator: "Sigmoid" },
      TIMES_Z,
    ],
  },
  softplus: {
    hidden: true,
    output: false,
    kinks: [],
    onnx: [{ operator: "Softplus" }],
    onnxOfDoubles: SOFTPLUS_OF_DOUBLES,
  },
  mish: {
    hidden: true,
    output: false,
    kinks: [],
    keeps: "slope",
    onnx: [{ operator: "Softplus" }, { operator: "Tanh" }, TIMES_Z],
    onnxOfDoubles: [...SOFTPLUS_OF_DOUBLES, { operator: "Tanh" }, TIMES_Z],
  },
  hardSwish: {
    hidden: true,
    output: false,
    kinks: [0, 1],
    keeps: "gate",
    onnx: [HARD_SIGMOID, TIMES_Z],
    onnxOfDoubles: [...HARD_SIGMOID_OF_DOUBLES, TIMES_Z],
  },
  hardSigmoid: {
    hidden: true,
    output: false,
    kinks: [0, 1],
    onnx: [HARD_SIGMOID],
    onnxOfDoubles: HARD_SIGMOID_OF_DOUBLES,
  },
  sigmoid: { hidden: true, output: true, kinks: [], onnx: [{ operator: "Sigmoid" }] },
  softmax: {
    hidden: false,
    output: true,
    kinks: [],
    onnx: [{ operator: "Softmax", ints: { axis: 1 } }],
  },
} as const satisfies Record<string, ActivationRow>;

export type Activation = keyof typeof ACTIVATIONS;

type NamesWith<Role extends "hidden" | "output"> = {
  [Name in Activation]: (typeof ACTIVATIONS)[Name][Role] extends true ? Name : never;
}[Activation];

/** g of a hidden layer. See {@link ACTIVATIONS}. */
export type HiddenActivation = NamesWith<"hidden">;

/** g of the output layer. See {@link ACTIVATIONS}. */
export type OutputActivation = NamesWith<"output">;

export const HIDDEN_ACTIVATIONS = namesWith<HiddenActivation>("hidden");
export const OUTPUT_ACTIVATIONS = namesWith<OutputActivation>("output");

function namesWith<Name extends Activation>(role: "hidden" | "output"): readonly Name[] {
  return Object.entries(ACTIVATIONS).flatMap(([name, row]) => (row[role] ? [name as Name] : []));
}

/** The row of an activation. */
export function activationRow(name: Activation): ActivationRow {
  return ACTIVATIONS[name];
}

/** What an operation is told of an activation. */
export function activationFacts(name: Activation): {
  readonly activation: Activation;
  readonly parameter: number;
} {
  return { activation: name, parameter: activationRow(name).parameter ?? 0 };
}
