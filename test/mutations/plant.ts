import type { Batches, Engine, Program } from "../../ts/engine/engine.js";
import type { Span } from "../../ts/engine/memory.js";
import { NativeEngine } from "../../ts/engine/native/native-engine.js";
import type { Operation } from "../../ts/engine/operations.js";
import { WasmEngine } from "../../ts/engine/wasm/wasm-engine.js";
import type { CheckName } from "./checks.js";

/** Changes programs as they are bound, so that a bug reads as what it changes: an operation's facts, or memory. */

/** A bug, planted into the operations that cross the seam (ts/engine/operations.ts). */
export interface Mutation {
  readonly name: string;
  readonly plant: () => void;
  /** Each of these must fail. */
  readonly caughtBy: readonly CheckName[];
}

export type Named<Name extends Operation["op"]> = Extract<Operation, { readonly op: Name }>;

export interface Moment {
  readonly rows: number;
  readonly epoch: number;
  readonly step: number;
}

/** A part of a wrong program: an operation, or what is done between two. */
type Step = Operation | ((moment: Moment) => void);

/** Where an operation is bound. */
export interface Place {
  readonly engine: Engine;
  /** Runs an operation by itself, at any moment. */
  alone(operation: Operation, moment: Moment): void;
}

type Wrong<Name extends Operation["op"]> = (operation: Named<Name>, place: Place) => readonly Step[];

const planted = new Map<Operation["op"], (operation: never, place: Place) => readonly Step[]>();

/** The engines, and how each binds a right program. */
const ENGINES: readonly { readonly engine: Pick<Engine, "program">; readonly right: Engine["program"] }[] = [
  WasmEngine.prototype,
  NativeEngine.prototype,
].map((engine) => ({ engine, right: engine.program }));

/** From now on, in place of each operation of this name, every new program has the steps that `wrong` makes of it. */
export function on<Name extends Operation["op"]>(name: Name, wrong: Wrong<Name>): void {
  if (planted.has(name)) throw new Error(`${name} is wrong already`);
  planted.set(name, wrong);
  for (const { engine, right } of ENGINES) engine.program = wrongly(right);
}

/** How programs are bound with the steps of all that is planted. */
function wrongly(right: Engine["program"]): Engine["program"] {
  return function (this: Engine, dtype, operations, batches) {
    const program = (parts: readonly Operation[]) => right.call(this, dtype, parts, batches);
    const alone = (operation: Operation, { rows, epoch, step }: Moment) => {
      const one = program([operation]);
      one.run(rows, epoch, step);
      one.release();
    };
    const steps = operations.flatMap((operation): readonly Step[] => {
      const replace = planted.get(operation.op);
      return replace === undefined ? [operation] : replace(operation as never, { engine: this, alone });
    });
    return new WrongProgram(program(steps.filter(isOperation)), steps, batches);
  };
}

/** {@link on}, with other facts. */
export function change<Name extends Operation["op"]>(
  name: Name,
  facts: (operation: Named<Name>) => Partial<Named<Name>>,
): void {
  on(name, (operation) => [{ ...operation, ...facts(operation) } as Operation]);
}

/** {@link on}, with what is done after the right operation. */
export function after<Name extends Operation["op"]>(
  name: Name,
  wrong: (operation: Named<Name>, moment: Moment) => void,
): void {
  on(name, (operation) => [operation, (moment) => wrong(operation, moment)]);
}

/** No bug is left for new programs. */
export function restore(): void {
  planted.clear();
  for (const { engine, right } of ENGINES) engine.program = right;
}

/** Each number of a span ← f(number, its index). */
export function update(span: Span, f: (value: number, index: number) => number): void {
  span.write(span.read().map((value, index) => f(value, index)));
}

function isOperation(step: Step): step is Operation {
  return typeof step !== "function";
}

/** Operations that are each so small that they are one portion, and what is done between two. */
class WrongProgram implements Program {
  readonly takesSteps = true;
  readonly #program: Program;
  readonly #steps: readonly Step[];
  readonly #batches: Batches;
  #losses: number[] = [];

  constructor(program: Program, steps: readonly Step[], batches: Batches = { size: 0, m: 0 }) {
    this.#program = program;
    this.#steps = steps;
    this.#batches = batches;
  }

  takePart(before: number, whole: number): void {
    this.#program.takePart(before, whole);
  }

  run(rows: number, epoch: number, step: number): boolean {
    const portions = this.#program.portions(rows, epoch, step);
    let left = this.#steps.filter(isOperation).length;
    for (const part of this.#steps) {
      if (!isOperation(part)) {
        part({ rows, epoch, step });
        continue;
      }
      const { done = false, value } = portions.next();
      if (value === false) return false;
      left--;
      if (done !== (left === 0)) throw new Error(`${part.op} is no single portion`);
    }
    return true;
  }

  runSteps(steps: number, epoch: number, step: number): number {
    const { size, m } = this.#batches;
    this.#losses = [];
    for (let i = 0; i < steps; i++) {
      const rows = Math.min(size, m - size * (step + i));
      if (rows <= 0 || !this.run(rows, epoch, step + i)) return i;
      this.#losses.push(this.loss);
    }
    return steps;
  }

  *portions(rows: number, epoch: number, step: number): Generator<undefined, boolean> {
    yield* []; // one portion
    return this.run(rows, epoch, step);
  }

  *aside(rows: number, epoch: number, step: number, after?: (whole: boolean) => void) {
    const whole = yield* this.portions(rows, epoch, step);
    after?.(whole);
    return whole;
  }

  *stepsAside(steps: number, epoch: number, step: number, after: (done: number) => void) {
    yield* []; // one portion
    const done = this.runSteps(steps, epoch, step);
    after(done);
    return done;
  }

  get milliseconds(): number {
    return 0;
  }

  get loss(): number {
    return this.#program.loss;
  }

  get rate(): number {
    return this.#program.rate;
  }

  get sum(): number {
    return this.#program.sum;
  }

  get correct(): number {
    return this.#program.correct;
  }

  get layer(): number {
    return this.#program.layer;
  }

  get magnitude(): number {
    return this.#program.magnitude;
  }

  losses(steps: number): Float64Array {
    return Float64Array.from(this.#losses.slice(0, steps));
  }

  release(): void {
    this.#program.release();
  }
}
