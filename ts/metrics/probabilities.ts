import { type Answers, meanOf, totalWeight, weightOf } from "./answers.js";
import { log } from "./log.js";

/** −log p of the right answers, p kept within [ε, 1 − ε]. Of several units their sum. */
export function logLoss(answers: Answers): number {
  const { kind, targets, outputs, n, epsilon } = answers;
  const kept = (p: number) => Math.min(1 - epsilon, Math.max(epsilon, p));
  if (kind === "classes") {
    return meanOf(answers, (i) => {
      let total = 0;
      for (let k = i * n; k < (i + 1) * n; k++) total += outputs[k] ?? 0;
      return -log(kept((outputs[i * n + (targets[i] ?? 0)] ?? 0) / total));
    });
  }
  return meanOf(answers, (i) => {
    let sum = 0;
    for (let k = 0; k < n; k++) {
      const p = kept(outputs[i * n + k] ?? 0);
      sum -= log(targets[i * n + k] === 1 ? p : 1 - p);
    }
    return sum;
  });
}

/** (p − y)²; of three classes and more its sum over them, of several units its mean. */
export function brier(answers: Answers): number {
  const { kind, targets, outputs, n } = answers;
  return meanOf(answers, (i) => {
    let sum = 0;
    for (let k = 0; k < n; k++) {
      const y = kind === "classes" ? Number(targets[i] === k) : (targets[i * n + k] ?? 0);
      const error = (outputs[i * n + k] ?? 0) - y;
      sum += error * error;
    }
    // Two classes are one question, whose error would count twice.
    return kind === "labels" ? sum / n : kind === "classes" && n === 2 ? sum / 2 : sum;
  });
}

/**
 * Over equal intervals of the answer's probability, the mean of |its mean − the share of right answers|.
 * Source: Guo et al. 2017, eq. 3 (expected calibration error).
 */
export function calibrationError(answers: Answers, bins: number): number {
  const { kind, targets, outputs, chosen, n, m } = answers;
  const perExample = kind === "labels" ? n : 1;
  const [confident, right] = [new Float64Array(bins), new Float64Array(bins)];
  for (let i = 0; i < m; i++) {
    for (let k = 0; k < perExample; k++) {
      const at = i * perExample + k;
      const answer = chosen[at] ?? 0;
      const p = kind === "classes" ? (outputs[i * n + answer] ?? 0) : (outputs[at] ?? 0);
      const confidence = kind === "classes" || answer === 1 ? p : 1 - p;
      const bin = Math.min(bins - 1, Math.max(0, Math.ceil(confidence * bins) - 1));
      const weight = weightOf(answers, i);
      confident[bin] = (confident[bin] ?? 0) + weight * confidence;
      right[bin] = (right[bin] ?? 0) + weight * Number(targets[at] === answer);
    }
  }
  const off = confident.reduce((sum, value, bin) => sum + Math.abs(value - (right[bin] ?? 0)), 0);
  return off / (totalWeight(answers) * perExample);
}
