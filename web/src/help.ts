import { pageElement } from "./page-element.js";

/** What the page's words mean: a title and a few sentences, by the name that index.html's data-help gives. */
const HELP: Readonly<Record<string, readonly [title: string, text: string]>> = {
  plane: [
    "The plane",
    "The background shows what the network answers everywhere: the colour is the likeliest class, and the stronger it is, the surer the network. Where it fades, the network is in doubt: there runs the boundary. Where numbers are learned, it is the answer itself: as a curve over the one input, or as a colour. Filled points are learned from; hollow ones are held back, for validation and test.",
  ],
  scores: [
    "Scores",
    "What the answers are worth. Accuracy is the share of right ones, balanced accuracy the mean of that share over the classes; the F-score counts missed and wrongly claimed points of each class alike. RMSE and MAE say how far answers are off on average, in the unit of the number (RMSE minds large errors more); R² is 1 where all are right and 0 where the mean would do as well.",
  ],
  fingerprint: [
    "Fingerprint",
    "A hash (SHA-256) of all weights and biases. Two runs have the same fingerprint only if every number in them is the same to the last bit: the same settings and epochs give the same one on every machine.",
  ],
  gradients: [
    "Check gradients",
    "Training follows the slopes of the loss, which backward propagation computes. The check moves every parameter up and down a little, measures the slope and compares, in float64. It shows that the mathematics of the training is right.",
  ],
  task: [
    "Task",
    "What is to be learned. Classification: which of some classes a point is of. Regression: a number that follows from the inputs.",
  ],
  data: [
    "Data set",
    "What there is to learn from. With “Own points” you draw them, or open a CSV file where they are of classes.",
  ],
  classes: ["Classes", "How many kinds of points there are."],
  examples: ["Examples", "How many points are made, training and test together."],
  noise: ["Noise", "How far the points are shaken out of their shape. More noise makes the classes overlap."],
  testShare: [
    "Test share",
    "The part of the points that is kept back. The network never learns from them, so they show whether it understood or only memorised.",
  ],
  validationShare: [
    "Validation share",
    "The part of the points that is kept back to watch training by: the loss on them is drawn beside training’s, and the epoch where it was lowest is marked. Where it rises again, the network begins to memorise. The test points stay apart, so that the choice of that epoch isn’t tested on its own examples.",
  ],
  hiddenLayers: [
    "Hidden layers",
    "The number of units in each layer between the two coordinates and the answer. More units and layers can bend the boundary more. With none, the boundary is a straight line.",
  ],
  hiddenActivation: [
    "Activation",
    "What each hidden unit does with its sum: relu keeps positive sums and turns others into 0; gelu, silu and mish do so smoothly; tanh and sigmoid squeeze every sum into −1 … 1 or 0 … 1. Without it (linear), all layers together would only be a straight line.",
  ],
  initialization: [
    "Initialisation",
    "How the weights are drawn before training: normally distributed about 0, or evenly (uniform). he takes the variance 2 ÷ inputs, made for relu; xavier and lecun 1 ÷ inputs, made for sigmoid and selu; xavierNormal 2 ÷ (inputs + units), made for tanh; randomNormal variance 1 whatever the layer’s size. orthogonal draws a rotation, and zeros nothing: units that start alike stay alike.",
  ],
  loss: [
    "Loss",
    "What training makes small. Listed are the losses that fit the data: of two classes cross-entropy, with one probability (binary) or two (categorical), hinge, which only wants a distance from the boundary, and focal, which looks at what is still wrong; of numbers the mean of the squared or plain differences, or something between (huber, logCosh), or a quantile.",
  ],
  optimizer: [
    "Optimizer",
    "How a step is made of the slopes. gradientDescent goes straight down; momentum averages the last slopes and rolls on; sgd may add them up instead; adam also gives each parameter a step size of its own, and adamW lets weights decay besides. nadam is adam that looks a step ahead, adaGrad divides by all slopes so far, rmsProp by the last ones, lion takes steps of one length.",
  ],
  schedule: [
    "Schedule",
    "How the learning rate changes as training goes on: constant stays; cosine, polynomial and exponential fall little by little, step and piecewise at once; oneCycle rises first. The rate above is where they begin, or their peak.",
  ],
  patience: [
    "Patience",
    "Early stopping: training ends after so many epochs without a lower validation loss, and the best epoch’s weights come back. 0: it doesn’t end early.",
  ],
  learningRate: [
    "Learning rate",
    "The size of a step. Too small: training crawls. Too large: the loss jumps about or grows.",
  ],
  beta1: [
    "β₁ (momentum: β)",
    "How much of the average of earlier slopes is kept at each step. 0.9 averages about the last ten.",
  ],
  beta2: [
    "β₂",
    "The same for the average of squared slopes, by which Adam and its kin set the size of each parameter’s step. 0.999 averages about the last thousand.",
  ],
  weightDecay: [
    "Weight decay",
    "At each step every weight is made smaller by this share, times the learning rate. Like L2, but apart from the slopes. 0: none.",
  ],
  epsilon: ["ε", "A small number that keeps the division by the slopes’ size from becoming one by 0."],
  momentum: ["Momentum", "How much of the last steps is added to the next one. 0: nothing."],
  nesterov: ["Nesterov", "Whether the slopes are taken as if the momentum’s step had been made already."],
  decay: ["Decay", "How much of the average of squared slopes is kept at each step."],
  centered: ["Centered", "Whether the slopes’ mean is taken off before their size is measured."],
  "loss-delta": ["δ", "Up to which difference the loss is a square; beyond, it is a line."],
  "loss-quantile": ["Quantile", "Which share of all numbers is to lie below the answer: 0.5 is the median."],
  "loss-gamma": ["γ", "How little answers that are right already count. 0: as in cross-entropy."],
  "loss-labelSmoothing": [
    "Label smoothing",
    "Takes this share of each label and spreads it over all classes, so that the network is never quite sure.",
  ],
  "loss-positiveWeight": ["Positive weight", "How many times as much a missed B costs as a missed A."],
  "schedule-epochs": ["Length", "In how many epochs the rate goes its way; after that it stays."],
  "schedule-to": ["Last rate", "The learning rate at the end of the schedule."],
  "schedule-from": ["First rate", "The learning rate at the schedule’s start."],
  "schedule-warmup": ["Warm-up", "In how many epochs the rate first rises from 0."],
  "schedule-factor": ["Factor", "By what the rate is multiplied in each length of the schedule."],
  "schedule-power": ["Power", "How the rate falls: 1 is a line; above, faster at first."],
  "schedule-restarts": ["Restarts", "How often the schedule begins anew."],
  "schedule-lengthFactor": ["Length factor", "How many times as long each restart is as the one before."],
  "schedule-peakFactor": ["Peak factor", "By what each restart’s first rate is multiplied."],
  "schedule-rise": ["Rise", "In which part of the length the rate rises."],
  "schedule-rates": ["Rates", "Learning rates, each for an equal part of the schedule’s length."],
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

/** A “?” for a control that the page doesn't know beforehand. */
export function helpFor(name: string, label: string, text: string): HTMLButtonElement {
  return helpButton(pageElement("help", HTMLElement), HELP[name] ?? [label, text]);
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
