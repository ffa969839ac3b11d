import { DataError } from "layerwise";
import { readDate } from "../values/dates.js";
import { type Decimal, readAmount, readCertainAmount, readNumber } from "../values/numbers.js";
import type { Column } from "./column.js";
import type { ColumnPlan } from "./column-plan.js";

/** What stands in a cell that isn't of its column's type. */
export interface Misfit {
  readonly expected: string;
  readonly got: string;
}

/** A column that grows cell by cell. */
export interface ColumnBuilder {
  /** Adds a cell, undefined where it is missing; or adds nothing and tells why it can't. */
  push(text: string | undefined): Misfit | undefined;
  /** Takes the last cell away. */
  pop(): void;
  finish(): Column;
}

export function columnBuilder(plan: ColumnPlan, decimal: Decimal): ColumnBuilder {
  const { type, order, missingTexts } = plan;
  const missing = new Set(missingTexts);
  if (type === "number") {
    const what = decimal === "," ? "a number (decimal comma)" : "a number";
    const readForced = plan.hasAmounts === true ? readAmount : readCertainAmount;
    const read = plan.isForced ? readForced : readPlainNumber;
    return new NumberBuilder(plan, missing, what, (text) => read(text, decimal));
  }
  if (type === "date")
    return new NumberBuilder(plan, missing, `a date (${order})`, (text) => readDate(text, order));
  return new LevelBuilder(plan, missing);
}

function readPlainNumber(text: string, decimal: Decimal): number | undefined {
  const value = readNumber(text, decimal);
  return typeof value === "number" ? value : undefined;
}

class NumberBuilder implements ColumnBuilder {
  #values = new Float64Array(256);
  #length = 0;

  constructor(
    readonly plan: ColumnPlan,
    readonly missing: ReadonlySet<string>,
    readonly what: string,
    readonly read: (text: string) => number | undefined,
  ) {}

  push(text: string | undefined): Misfit | undefined {
    let value: number | undefined = Number.NaN;
    if (text !== undefined) {
      value = this.read(text);
      if (value === undefined) {
        if (!this.missing.has(text)) return { expected: this.what, got: text };
        value = Number.NaN;
      }
    }
    if (this.#length === this.#values.length) {
      const larger = new Float64Array(2 * this.#length);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length++] = value;
    return undefined;
  }

  pop(): void {
    this.#length -= 1;
  }

  finish(): Column {
    const { name, missingTexts, order } = this.plan;
    const values = this.#values.slice(0, this.#length);
    if (this.plan.type === "date") return { name, type: "date", values, order, missingTexts };
    return { name, type: "number", values, missingTexts };
  }
}

const BOOLEANS = ["false", "true"];

class LevelBuilder implements ColumnBuilder {
  readonly #codes: number[] = [];
  readonly #levels = new Map<string, number>();

  constructor(
    readonly plan: ColumnPlan,
    readonly missing: ReadonlySet<string>,
  ) {
    if (plan.type === "boolean") for (const level of BOOLEANS) this.#levels.set(level, this.#levels.size);
  }

  push(text: string | undefined): Misfit | undefined {
    if (text === undefined || (this.missing.size > 0 && this.missing.has(text))) {
      this.#codes.push(-1);
      return undefined;
    }
    const isBoolean = this.plan.type === "boolean";
    let code = this.#levels.get(text) ?? (isBoolean ? this.#levels.get(text.toLowerCase()) : undefined);
    if (code === undefined) {
      if (isBoolean) return { expected: "true or false", got: text };
      code = this.#levels.size;
      // A copy: a part of a text keeps the whole text in memory.
      this.#levels.set(` ${text}`.slice(1), code);
    }
    this.#codes.push(code);
    return undefined;
  }

  pop(): void {
    this.#codes.pop();
  }

  finish(): Column {
    const { name, type, missingTexts } = this.plan;
    if (type !== "boolean" && type !== "category" && type !== "text")
      throw new DataError(name, "levels", type);
    return {
      name,
      type,
      codes: Int32Array.from(this.#codes),
      levels: [...this.#levels.keys()],
      missingTexts,
    };
  }
}
