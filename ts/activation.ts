/** g of a hidden layer: relu max(z, 0) or sigmoid 1 / (1 + e⁻ᶻ). */
export type HiddenActivation = "relu" | "sigmoid";

/** g of the output layer: sigmoid (each unit a yes-or-no question) or softmax (one class of n_L). */
export type OutputActivation = "sigmoid" | "softmax";

export const HIDDEN_ACTIVATIONS: readonly HiddenActivation[] = ["relu", "sigmoid"];
export const OUTPUT_ACTIVATIONS: readonly OutputActivation[] = ["sigmoid", "softmax"];

/** The numbers by which crate/src/activation.rs knows the activations. */
export const ACTIVATION_CODE = { linear: 0, relu: 1, sigmoid: 2, softmax: 3 } as const;
