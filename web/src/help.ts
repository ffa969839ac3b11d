import { pageElement } from "./page-element.js";

/** What the page's words mean: a title and a few sentences, by the name that index.html's data-help gives. */
const HELP: Readonly<Record<string, readonly [title: string, text: string]>> = {
  plane: [
    "The plane",
    "The background shows what the network answers everywhere: the colour is the likeliest class, and the stronger it is, the surer the network. Where it fades, the network is in doubt: there runs the boundary. Filled points are learned from; hollow ones are kept back to test what was learned.",
  ],
  fingerprint: [
    "Fingerprint",
    "A hash (SHA-256) of all weights and biases. Two runs have the same fingerprint only if every number in them is the same to the last bit: the same settings and epochs give the same one on every machine.",
  ],
  gradients: [
    "Check gradients",
    "Training follows the slopes of the loss, which backward propagation computes. The check moves every parameter up and down a little, measures the slope and compares, in float64. It shows that the mathematics of the training is right.",
  ],
  data: [
    "Data set",
    "Points of the plane in two to four classes. With “Own points” you draw them, or open a CSV file.",
  ],
  classes: ["Classes", "How many kinds of points there are."],
  examples: ["Examples", "How many points are made, training and test together."],
  noise: ["Noise", "How far the points are shaken out of their shape. More noise makes the classes overlap."],
  testShare: [
    "Test share",
    "The part of the points that is kept back. The network never learns from them, so they show whether it understood or only memorised.",
  ],
  hiddenLayers: [
    "Hidden layers",
    "The number of units in each layer between the two coordinates and the answer. More units and layers can bend the boundary more. With none, the boundary is a straight line.",
  ],
  hiddenActivation: [
    "Activation",
    "What each hidden unit does with its sum: relu keeps positive sums and turns others into 0; sigmoid squeezes every sum into 0 … 1. Without it, all layers together would only be a straight line.",
  ],
  initialization: [
    "Initialisation",
    "How the weights are drawn before training: normally distributed about 0, or evenly (uniform). he takes the variance 2 ÷ inputs, made for relu; xavier and lecun 1 ÷ inputs, made for sigmoid and selu; xavierNormal 2 ÷ (inputs + units), made for tanh; randomNormal variance 1 whatever the layer’s size. orthogonal draws a rotation, and zeros nothing: units that start alike stay alike.",
  ],
  optimizer: [
    "Optimizer",
    "How a step is made of the slopes. gradientDescent goes straight down; momentum averages the last slopes and rolls on, and so does sgd, with steps 1 ÷ (1 − β) times as long; adam also gives each parameter a step size of its own, and adamW lets weights decay besides. nadam is adam that looks a step ahead, adaGrad divides by all slopes so far, rmsProp by the last ones, lion takes steps of one length.",
  ],
  learningRate: [
    "Learning rate",
    "The size of a step. Too small: training crawls. Too large: the loss jumps about or grows.",
  ],
  beta1: [
    "β₁ (momentum, sgd: β)",
    "How much of the average of earlier slopes is kept at each step. 0.9 averages about the last ten.",
  ],
  beta2: [
    "β₂",
    "The same for the average of squared slopes, by which Adam and rmsProp set the size of each parameter’s step. 0.999 averages about the last thousand.",
  ],
  batchSize: [
    "Batch size",
    "How many examples a step looks at. Small batches make many quick, noisy steps an epoch; 0 takes all examples at once.",
  ],
  l2: [
    "L2 λ",
    "Adds λ ÷ 2m · (sum of the squared weights) to the loss, where m is the number of examples in the batch. It keeps weights small and boundaries smooth, against memorising. 0: none.",
  ],
  keepProb: [
    "Keep probability",
    "Dropout: at each step every hidden unit takes part with this probability and is left out otherwise, so that the network relies on no single unit. 1: none is left out.",
  ],
  epochs: ["Epochs", "In one epoch every training example is seen once. Training goes on for so many."],
  seed: [
    "Seed",
    "The number that all random choices follow from: the first weights, the order of examples, dropout and made-up data. The same seed gives the same run.",
  ],
  digitExamples: [
    "Training images",
    "How many of MNIST’s 60,000 handwritten digits to learn from. More take longer to download and give better answers.",
  ],
  threads: [
    "Threads",
    "How many processors share the work. They change the speed, and no bit of the result.",
  ],
};

/** The distance of the bubble from its button and from the window's edges. */
const GAP = 8;

/** Puts a “?” at each place that asks for one; a click or tap on it opens the explanation, Esc or another closes it. */
export function setUpHelp(): void {
  const bubble = pageElement("help", HTMLElement);
  for (const place of document.querySelectorAll<HTMLElement>("[data-help]")) {
    const entry = HELP[place.getAttribute("data-help") ?? ""];
    if (entry === undefined) throw new Error(`data-help: expected a name in help.ts, got ${place.outerHTML}`);
    place.append(helpButton(bubble, entry));
  }
}

function helpButton(bubble: HTMLElement, [title, text]: readonly [string, string]): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "help";
  button.textContent = "?";
  button.title = `What is this: ${title}`;
  button.ariaLabel = "What is this?";
  button.setAttribute("popovertarget", bubble.id);
  button.addEventListener("click", () => {
    pageElement("help-title", HTMLElement).textContent = title;
    pageElement("help-text", HTMLElement).textContent = text;
    // The button's own click toggles the bubble after this handler; it can be placed once it is shown.
    requestAnimationFrame(() => {
      if (!bubble.matches(":popover-open")) return;
      placeBeside(bubble, button);
      bubble.focus(); // so that it is read out; closing gives the focus back
    });
  });
  return button;
}

/** Below the button, or above where there is more room. */
function placeBeside(bubble: HTMLElement, button: HTMLElement): void {
  const { left, top, bottom } = button.getBoundingClientRect();
  const { clientWidth, clientHeight } = document.documentElement;
  const fitsBelow = bottom + GAP + bubble.offsetHeight <= clientHeight;
  const y = fitsBelow ? bottom + GAP : top - GAP - bubble.offsetHeight;
  const x = Math.min(left, clientWidth - GAP - bubble.offsetWidth);
  bubble.style.setProperty("left", `${Math.max(GAP, x)}px`);
  bubble.style.setProperty("top", `${Math.max(GAP, y)}px`);
}
