import { checkSeed } from "../config/config.js";
import { checkBoolean, checkInteger, checkNumber, readOptions } from "../config/validation.js";
import type { Engine } from "../engine/engine.js";
import type { OrderPurpose } from "../engine/operations.js";
import { sharedEngine } from "../engine/start.js";
import { withRoom } from "../engine/with-room.js";
import { ConfigError, describe, ShapeError } from "../errors/errors.js";
import type { Inputs, Labels } from "./examples.js";
import { orderOf } from "./mini-batches.js";
import type { Numbers } from "./numbers.js";
import { foldsOfGroups, groupRows, partsOfGroups } from "./row-groups.js";
import { classRows, quotas } from "./strata.js";
import { rowsOf, rowsOfInputs } from "./taken-rows.js";

/** How rows are divided; at most one of `stratify`, `groups` and `ordered`. */
export interface DivisionOptions<Weights extends Numbers | undefined = undefined> {
  /** Whether each part has each class's share, to within one row. y has a class a row. Default false. */
  readonly stratify?: boolean;
  /** The group of each row, a number or a text: no group is divided. Default: each row by itself. */
  readonly groups?: Numbers | readonly string[];
  /** Whether rows are in the order of time, so that what is tested comes after what is trained on. Default false. */
  readonly ordered?: boolean;
  /** A number for each row, divided alike. */
  readonly sampleWeight?: Weights;
  /** Which rows go where: an integer in [0, 2⁵³). Default 0. Not with `ordered`, which draws nothing. */
  readonly seed?: number;
}

/** What {@link split} takes. */
export interface SplitOptions<Weights extends Numbers | undefined = undefined>
  extends DivisionOptions<Weights> {
  /** The share of the rows to test on, in (0, 1). Default 0.2. */
  readonly test?: number;
  /** The share of the rows to validate on, in (0, 1). Default: none. */
  readonly validation?: number;
}

/** What {@link kFold} takes. */
export interface FoldOptions<Weights extends Numbers | undefined = undefined>
  extends DivisionOptions<Weights> {
  /** How many: an integer in [2, m]. Default 5. */
  readonly folds?: number;
}

/** Some of the rows, in their order, in the forms that were given. */
export interface Part<X extends Inputs, Y extends Labels, Weights = undefined> {
  readonly x: X;
  readonly y: Y;
  /** Which rows these are. */
  readonly indices: Uint32Array;
  /** Where it was given. */
  readonly sampleWeight: Weights;
}

/** One fold is tested on, and the others are trained on; `ordered`, those before it. */
export interface Fold<X extends Inputs, Y extends Labels, Weights = undefined> {
  readonly train: Part<X, Y, Weights>;
  readonly test: Part<X, Y, Weights>;
}

/** What {@link split} resolves to. */
export interface Split<X extends Inputs, Y extends Labels, Weights = undefined> extends Fold<X, Y, Weights> {}

/** The same with rows to validate on. */
export interface ThreeWaySplit<X extends Inputs, Y extends Labels, Weights = undefined>
  extends Fold<X, Y, Weights> {
  readonly validation: Part<X, Y, Weights>;
}

/**
 * Divides a data set into rows to train on and rows to test on, round(test · m) of them, and if asked to validate on:
 * each row is in one part, in the form that was given. The same seed gives the same parts everywhere. `stratify` gives
 * each part of each class count · size / m rows, rounded down or up (largest remainders first); with `groups` parts have
 * about their sizes; `ordered`, the last rows are tested on and those before them validated on.
 * x and y must not change until it resolves. Raises ConfigError, ShapeError or DataError.
 */
export function split<X extends Inputs, Y extends Labels, W extends Numbers | undefined = undefined>(
  x: X,
  y: Y,
  options: SplitOptions<W> & { readonly validation: number },
): Promise<ThreeWaySplit<X, Y, W>>;
export function split<X extends Inputs, Y extends Labels, W extends Numbers | undefined = undefined>(
  x: X,
  y: Y,
  options?: SplitOptions<W>,
): Promise<Split<X, Y, W>>;
export async function split<X extends Inputs, Y extends Labels>(
  x: X,
  y: Y,
  options: SplitOptions<Numbers | undefined> = {},
): Promise<Split<X, Y, unknown> | ThreeWaySplit<X, Y, unknown>> {
  const given = readOptions("split", "options", options);
  const shares = [checkShare("test", given.test ?? 0.2)];
  if (given.validation !== undefined) shares.push(checkShare("validation", given.validation));
  const { m, take, division } = checked(x, y, given);
  const parts = await partsOf(y, division, sizesOf(shares, m));
  const [test, validation, train] = parts.length === 3 ? parts : [parts[0], undefined, parts[1]];
  return {
    train: take(train),
    ...(validation !== undefined && { validation: take(validation) }),
    test: take(test),
  };
}

/**
 * Divides a data set into folds of nearly one size, and gives for each of them the rows outside it to train on and those
 * in it to test on: each row is tested on once. The options are those of {@link split}. `ordered`, each fold is tested on
 * after training on all rows before it, and has ⌊m / (folds + 1)⌋ rows, as in scikit-learn's TimeSeriesSplit: the first
 * rows are never tested on. Each fold holds copies of its rows, unless they are arrays of their own.
 */
export async function kFold<X extends Inputs, Y extends Labels, W extends Numbers | undefined = undefined>(
  x: X,
  y: Y,
  options: FoldOptions<W> = {},
): Promise<Fold<X, Y, W>[]> {
  const given = readOptions("kFold", "options", options);
  const folds = checkInteger("folds", given.folds ?? 5, 2, Number.MAX_SAFE_INTEGER);
  const { m, take, division } = checked(x, y, given as Division);
  const least = division.ordered ? folds + 1 : folds;
  if (m < least) throw new ConfigError("folds", `at most ${m - (least - folds)}, of ${m} rows`, `${folds}`);
  const tested = division.ordered ? laterFolds(m, folds) : await foldsOf(y, division, m, folds);
  return tested.map((test) => {
    const isTested = new Uint8Array(m);
    for (const row of test) isTested[row] = 1;
    const end = division.ordered ? Math.min(...test.subarray(0, 1)) : m;
    const train = firstRows(end).filter((row) => isTested[row] === 0);
    return { train: take(train), test: take(test) } as Fold<X, Y, W>;
  });
}

/** The options that both take, read. */
type Division = DivisionOptions<Numbers | undefined>;

interface Checked<X extends Inputs, Y extends Labels> {
  readonly m: number;
  /** What part these rows are, in their order. */
  readonly take: (rows: Iterable<number> | undefined) => Part<X, Y, unknown>;
  readonly division: Settings;
}

interface Settings {
  readonly stratify: boolean;
  readonly groups: readonly (readonly number[])[] | undefined;
  readonly ordered: boolean;
  readonly seed: number;
}

function checked<X extends Inputs, Y extends Labels>(x: X, y: Y, given: Division): Checked<X, Y> {
  const { stratify = false, groups, ordered = false, seed, sampleWeight } = given;
  checkBoolean("stratify", stratify);
  checkBoolean("ordered", ordered);
  const ways = ["stratify", "groups", "ordered"] as const;
  const [first, second] = ways.filter((way) => given[way] !== undefined && given[way] !== false);
  if (second !== undefined) throw new ConfigError(second, `none beside ${first}`, describe(given[second]));
  if (seed !== undefined) checkSeed("seed", seed);
  if (ordered && seed !== undefined) {
    throw new ConfigError("seed", "none beside ordered, which draws nothing", describe(seed));
  }
  const inputs = rowsOfInputs("x", x);
  const labels = rowsOf("y", y);
  const m = inputs.rows;
  if (m === 0) throw new ShapeError("x", "at least one example (row)", "0 rows");
  checkRows("y", labels.rows, m);
  const weights = sampleWeight === undefined ? undefined : rowsOf("sampleWeight", sampleWeight);
  if (weights !== undefined) checkRows("sampleWeight", weights.rows, m);
  const take = (rows: Iterable<number> = []) => {
    const indices = Uint32Array.from(rows).sort();
    const part = { x: inputs.take(indices), y: labels.take(indices), indices };
    return { ...part, ...(weights && { sampleWeight: weights.take(indices) }) } as Part<X, Y, unknown>;
  };
  const division = {
    stratify,
    groups: groups === undefined ? undefined : groupRows(groups, m),
    ordered,
    seed: seed ?? 0,
  };
  return { m, take, division };
}

function checkRows(path: string, rows: number, m: number): void {
  if (rows !== m) throw new ShapeError(path, `${m} rows, as x has`, `${rows}`);
}

function checkShare(path: string, value: unknown): readonly [path: string, share: number] {
  return [path, checkNumber(path, value, "a number in (0, 1)", (share) => share > 0 && share < 1)];
}

/** The rows of each part, and of what is left to train on. Raises ConfigError where a part would have none. */
function sizesOf(shares: readonly (readonly [path: string, share: number])[], m: number): number[] {
  let left = m;
  const sizes = shares.map(([path, share]) => {
    const size = Math.round(share * m);
    left -= size;
    if (size > 0 && left > 0) return size;
    throw new ConfigError(path, `one that leaves rows in every part, of ${m}`, `${share}`);
  });
  return [...sizes, left];
}

/** The rows of parts of these sizes. */
async function partsOf(
  y: unknown,
  division: Settings,
  sizes: readonly number[],
): Promise<readonly Iterable<number>[]> {
  const m = sizes.reduce((sum, size) => sum + size, 0);
  if (division.ordered) return cut(firstRows(m), sizes.slice().reverse()).reverse();
  const { stratify, groups } = division;
  if (groups !== undefined) {
    checkGroups("groups", groups.length, sizes.length);
    return partsOfGroups(await inOrder(groups, division, "split"), sizes);
  }
  const order = await drawn(m, division.seed, "split");
  if (!stratify) return cut(order, sizes);
  const classes = classRows(y, order);
  const counts = classes.map((rows) => rows.length);
  const ofClasses = quotas(counts, sizes).map((quota, c) => cut(classes[c] ?? new Uint32Array(), quota));
  return sizes.map((_, p) => ofClasses.flatMap((parts) => [...(parts[p] ?? [])]));
}

/** The rows of each fold. */
async function foldsOf(y: unknown, division: Settings, m: number, folds: number): Promise<Uint32Array[]> {
  const { stratify, groups, seed } = division;
  if (groups !== undefined) {
    checkGroups("folds", groups.length, folds);
    const ofGroups = foldsOfGroups(await inOrder(groups, division, "folds"), folds);
    return ofGroups.map((rows) => Uint32Array.from(rows));
  }
  const order = await drawn(m, seed, "folds");
  // Dealt out one by one, class after class: a fold's rows of a class differ by at most one from another's.
  const dealt = stratify ? classRows(y, order).flatMap((rows) => [...rows]) : [...order];
  return Array.from({ length: folds }, (_, f) => Uint32Array.from(dealt.filter((_, i) => i % folds === f)));
}

/** The last of the rows, by turns: what is tested on when time goes on. */
function laterFolds(m: number, folds: number): Uint32Array[] {
  const size = Math.floor(m / (folds + 1));
  const rows = firstRows(m);
  return Array.from({ length: folds }, (_, f) => {
    const start = m - (folds - f) * size;
    return rows.slice(start, start + size);
  });
}

function checkGroups(path: string, groups: number, parts: number): void {
  if (groups >= parts) return;
  if (path === "folds") throw new ConfigError(path, `at most ${groups}, the number of groups`, `${parts}`);
  throw new ConfigError(path, `at least ${parts}, one for each part`, `${groups}`);
}

/** The groups in an order that was drawn. */
async function inOrder<Group>(
  groups: readonly Group[],
  { seed }: Settings,
  purpose: OrderPurpose,
): Promise<readonly Group[]> {
  const order = await drawn(groups.length, seed, purpose);
  return Array.from(order, (i) => groups[i] as Group);
}

function drawn(m: number, seed: number, purpose: OrderPurpose): Promise<Uint32Array> {
  return withRoom(async () => {
    const engine: Engine = await sharedEngine();
    return orderOf(engine, m, { seed, purpose });
  });
}

function firstRows(m: number): Uint32Array {
  return Uint32Array.from({ length: m }, (_, i) => i);
}

/** Runs of these lengths, one behind the other. */
function cut(rows: Uint32Array, lengths: readonly number[]): Uint32Array[] {
  let end = 0;
  return lengths.map((length) => {
    end += length;
    return rows.subarray(end - length, end);
  });
}
