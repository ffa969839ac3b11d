import type { Loss } from "../catalog/losses.js";
import type { Dtype } from "../config/dtype.js";
import { hasRows } from "../data/advice.js";
import { asMatrix, type Matrix, matrixOf, Matrix as NewMatrix } from "../data/matrix.js";
import { countWhere, toFloats } from "../data/numbers.js";
import type { Batches, Engine, Pause, Program } from "../engine/engine.js";
import type { Floats } from "../engine/memory.js";
import type { Operation } from "../engine/operations.js";
import { DataError, describe, type LayerPlace, ShapeError } from "../errors/errors.js";
import type { BatchMemory } from "./batch-memory.js";
import { lossFunctionOf } from "./loss-function.js";

/** A network whose loss is a function of its user. */
export interface Caller {
  readonly engine: Engine;
  readonly dtype: Dtype;
  readonly config: { readonly loss: Loss };
  readonly outputs: number;
  readonly lastNode: LayerPlace;
  /** Whether the function is being called: nothing else may run then. */
  isCalling: boolean;
  newNumbers(length: number): Floats;
}

/** The loss among a step's operations, where it is no operation of the engine: the batch's own is asked of its function. */
export interface LossCall {
  readonly op: "lossCall";
  readonly network: Caller;
  readonly batch: BatchMemory;
  /** Whether dZ_L ← its gradient. */
  readonly gradient: boolean;
}

/** What steps are made of. */
export type StepOperation = Operation | LossCall;

/** A program of these operations: where one is a call, what is before it and what is behind it are programs of the engine. */
export function bindProgram(
  engine: Engine,
  dtype: Dtype,
  operations: readonly StepOperation[],
  batches?: Batches,
): Program {
  const isOwn = (operation: StepOperation): operation is Operation => operation.op !== "lossCall";
  if (operations.every(isOwn)) return engine.program(dtype, operations, batches);
  const at = operations.findIndex((operation) => !isOwn(operation));
  const [call, ...behind] = operations.slice(at);
  if (call?.op !== "lossCall" || !behind.every(isOwn)) throw new Error("one call in a program");
  const before = engine.program(dtype, operations.slice(0, at).filter(isOwn), batches);
  return new CallingProgram(before, call, engine.program(dtype, behind, batches));
}

/** Forward, the function, backward. Where the function raises an error, nothing behind it has run: no parameter has changed. */
class CallingProgram implements Program {
  readonly takesSteps = false;
  readonly #before: Program;
  readonly #call: LossCall;
  readonly #behind: Program;
  /** Examples of the step of which a run is a part. */
  #whole: number | undefined;
  /** The loss of the parts before. */
  #soFar = 0;
  fault: Program["fault"];

  constructor(before: Program, call: LossCall, behind: Program) {
    this.#before = before;
    this.#call = call;
    this.#behind = behind;
  }

  takePart(before: number, whole: number): void {
    this.#whole = whole;
    if (before === 0) this.#soFar = 0;
    this.#before.takePart(before, whole);
    this.#behind.takePart(before, whole);
  }

  run(rows: number, epoch: number, step: number): boolean {
    this.#before.run(rows, epoch, step);
    return this.#ask(rows) && this.#behind.run(rows, epoch, step);
  }

  runSteps(): never {
    throw new Error("takes one step at a time"); // see takesSteps
  }

  *portions(rows: number, epoch: number, step: number): Generator<unknown, boolean> {
    yield* this.#before.portions(rows, epoch, step);
    return this.#ask(rows) && (yield* this.#behind.portions(rows, epoch, step));
  }

  *aside(
    rows: number,
    epoch: number,
    step: number,
    after?: (whole: boolean) => void,
  ): Generator<Pause, boolean> {
    yield* this.#before.aside(rows, epoch, step);
    if (this.#ask(rows)) return yield* this.#behind.aside(rows, epoch, step, after);
    after?.(false);
    return false;
  }

  stepsAside(): Generator<Pause, number> {
    return this.runSteps();
  }

  get milliseconds(): number {
    return 0;
  }

  /**
   * The loss ← the function's value; dZ_L ← its gradient: of a part of a step by its share of the examples. NaN for outputs that
   * aren't finite, of which it isn't asked. False where its gradient isn't finite.
   */
  #ask(rows: number): boolean {
    this.fault = undefined;
    const { network, batch, gradient } = this.#call;
    const length = rows * network.outputs;
    const outputs = batch.activations[batch.activations.length - 1]?.part(0, length);
    const dz = batch.dz[0];
    if (outputs === undefined || !network.engine.isFinite(outputs)) {
      this.#behind.loss = Number.NaN;
      return true;
    }
    const weights = batch.weights?.part(0, rows).read() as Float64Array | undefined;
    const targets = batch.labels.part(0, length).read() as Floats;
    const asked = askLoss(network, { outputs: outputs.read(), targets, weights, rows }, gradient);
    this.fault = asked.fault;
    if (asked.fault !== undefined) return false;
    const share = rows / (this.#whole ?? rows);
    if (asked.gradient !== undefined) {
      dz?.write(share === 1 ? asked.gradient : asked.gradient.map((slope) => slope * share));
    }
    const value = this.#soFar + asked.value * share;
    if (this.#whole !== undefined) this.#soFar = value;
    this.#behind.loss = value;
    return true;
  }

  get loss(): number {
    return this.#behind.loss;
  }

  get sum(): number {
    return this.#behind.sum;
  }

  get correct(): number {
    return this.#behind.correct;
  }

  get layer(): number {
    return this.#behind.layer;
  }

  get magnitude(): number {
    return this.#behind.magnitude;
  }

  get rate(): number {
    return this.#behind.rate;
  }

  losses(): Float64Array {
    return new Float64Array(0);
  }

  release(): void {
    this.#before.release();
    this.#behind.release();
  }
}

/** What a loss's function is asked of. */
interface Answered {
  readonly outputs: Floats;
  readonly targets: Floats;
  readonly weights: Float64Array | undefined;
  readonly rows: number;
}

/**
 * What the network's function gives for these outputs, checked. Raises what it raises; DataError or ShapeError for a result of
 * another form. `fault`: where the gradient isn't finite in the network's dtype.
 */
export function askLoss(
  network: Caller,
  { outputs, targets, weights, rows }: Answered,
  gradient: boolean,
): { readonly value: number; readonly gradient?: Floats; readonly fault?: Program["fault"] } {
  const ask = lossFunctionOf(network.config.loss);
  if (ask === undefined) throw new Error("no loss of one's own");
  const matrix = (numbers: Floats): Matrix => new NewMatrix(numbers, rows, network.outputs);
  network.isCalling = true;
  try {
    const given: unknown = ask(matrix(outputs), matrix(targets), weights);
    if (typeof given !== "object" || given === null || "then" in given) {
      throw new DataError(`${PLACE}()`, "{ value, gradient }, at once", describeResult(given));
    }
    const { value, gradient: slope }: { readonly value?: unknown; readonly gradient?: unknown } = given;
    if (typeof value !== "number") throw new DataError(`${PLACE}().value`, "a number", describe(value));
    if (!gradient) return { value };
    const numbers = toGradient(network, slope, rows);
    return { value, gradient: numbers, fault: faultOf(numbers, network.outputs) };
  } finally {
    network.isCalling = false;
  }
}

const PLACE = "loss.valueAndGradient";

function describeResult(given: unknown): string {
  return typeof given === "object" && given !== null ? "a promise" : describe(given);
}

/** The gradient in the network's dtype. */
function toGradient(network: Caller, given: unknown, rows: number): Floats {
  const path = `${PLACE}().gradient`;
  const { outputs: n } = network;
  if (typeof given !== "object" || given === null) {
    throw new ShapeError(path, `${rows}×${n}, as the outputs are`, describe(given));
  }
  const isRows = Array.isArray(given) && hasRows(given);
  const matrix = asMatrix(path, given) ?? (isRows ? matrixOf(path, given) : undefined);
  const data = matrix?.data ?? toFloats(path, given);
  const isSame = matrix === undefined ? data.length === rows * n : matrix.rows === rows && matrix.cols === n;
  if (!isSame) {
    const got = matrix === undefined ? `${data.length} numbers` : `${matrix.rows}×${matrix.cols}`;
    throw new ShapeError(path, `${rows}×${n}, as the outputs are`, got);
  }
  const gradient = network.newNumbers(data.length);
  gradient.set(data);
  return gradient;
}

function faultOf(gradient: Floats, n: number): Program["fault"] {
  const isBad = (i: number) => !Number.isFinite(gradient[i]);
  const first = gradient.findIndex((_, i) => isBad(i));
  if (first < 0) return undefined;
  const place = `[${Math.floor(first / n)}][${first % n}]`;
  const got = `${gradient[first]} at ${place} (${countWhere(gradient.length, isBad)} such in all)`;
  return { expected: `a finite gradient from ${PLACE}`, got };
}
