import type { Dtype } from "layerwise";
import type { Engine } from "../ts/engine/engine.js";
import type { Operation } from "../ts/engine/operations.js";
import { benchmarkEngine } from "./engine.js";
import { measurementOf } from "./measurement.js";
import { peakCase, peakName } from "./peak.js";
import {
  Operands,
  ORIENTATIONS,
  type Orientation,
  type PlainProduct,
  plainProduct,
  type Sizes,
} from "./product.js";
import type { Race } from "./rounds.js";

const DTYPES: readonly Dtype[] = ["float32", "float64"];
const THREADS = 1;

export const SIZES: readonly Sizes[] = [
  { m: 256, k: 256, n: 256 },
  { m: 512, k: 512, n: 512 },
  { m: 1024, k: 1024, n: 1024 }, // rows of 4 KiB collide in the caches
  { m: 128, k: 784, n: 128 }, // mnist: X·Wᵀ
  { m: 128, k: 128, n: 784 }, // mnist: dZᵀ·X
  { m: 64, k: 128, n: 32 },
  { m: 209, k: 12288, n: 20 }, // cat: X·Wᵀ
  { m: 20, k: 209, n: 12288 }, // cat: dZᵀ·X
  { m: 265, k: 266, n: 17 }, // odd: nothing is a multiple of a tile
];

/** The size at which ndarray's own product (the crate matrixmultiply), a competitor in the same build, is timed too. */
const NDARRAY_SIZE = 512;
export const BY_NDARRAY = "ndarray";

/** One way to one product. */
interface Contender {
  readonly backend: string;
  readonly dtype: Dtype;
  readonly orientation: Orientation;
  readonly operands: Operands;
  readonly run: () => void;
  readonly release: () => void;
}

/** One size of matrix product: all orientations in both dtypes, each first checked against a plain loop. */
export async function productRace(sizes: Sizes): Promise<Race> {
  const plain = plainProduct(sizes);
  const engines = await Promise.all(DTYPES.map(benchmarkEngine));
  const each = (of: typeof ours) => DTYPES.flatMap((dtype, i) => of(engines[i] as Engine, dtype, plain));
  const contenders = [...each(ours), ...each(ndarrays)];
  for (const { backend, orientation, operands, run } of contenders) {
    run();
    operands.check(`${backend}, ${productName(orientation, sizes)}`);
  }
  const nameOf = (it: Contender) => `${it.backend} ${it.orientation.name} ${it.dtype}`;
  const peaks = await Promise.all(DTYPES.map(peakCase));
  const products = contenders.map((it) => {
    return { name: nameOf(it), kind: "call", run: it.run, units: 1 } as const;
  });
  return {
    cases: [...peaks, ...products],
    finish: (rates) => {
      for (const { release } of contenders) release();
      return contenders.map((it) => {
        const { backend, dtype, orientation } = it;
        return measurementOf(
          { suite: "kernels", work: productName(orientation, sizes), backend, threads: THREADS, dtype },
          {
            rates: rates.get(nameOf(it)),
            flops: 2 * sizes.m * sizes.k * sizes.n,
            peak: rates.get(peakName(dtype)),
          },
        );
      });
    },
  };
}

function ours(engine: Engine, dtype: Dtype, plain: PlainProduct): Contender[] {
  const { m, k, n } = plain;
  return ORIENTATIONS.map((orientation) => {
    const packed = engine.workspaceLength(dtype, m, k, n);
    const operands = new Operands(engine, dtype, plain, orientation, packed);
    const { c, a, b, workspace } = operands;
    const [aTransposed, bTransposed] = [Number(orientation.aTransposed), Number(orientation.bTransposed)];
    const operation = { op: "product", c, a, b, m, n, k, aTransposed, bTransposed, workspace } as const;
    return contender(engine, "layerwise", orientation, operands, operation);
  });
}

/** ndarray's dot, at its size. */
function ndarrays(engine: Engine, dtype: Dtype, plain: PlainProduct): Contender[] {
  const { m, k, n } = plain;
  const [orientation] = ORIENTATIONS;
  if (m !== NDARRAY_SIZE || orientation === undefined) return [];
  const operands = new Operands(engine, dtype, plain, orientation, 0);
  const { c, a, b } = operands;
  const operation = { op: "ndarrayProduct", c, a, b, m, n, k } as const;
  return [contender(engine, BY_NDARRAY, orientation, operands, operation)];
}

function contender(
  engine: Engine,
  backend: string,
  orientation: Orientation,
  operands: Operands,
  operation: Operation,
): Contender {
  const { dtype } = operands;
  const program = engine.program(dtype, [operation]);
  const release = () => {
    program.release();
    operands.release();
  };
  return { backend, dtype, orientation, operands, run: () => program.run(0, 0, 0), release };
}

export function productName({ name }: Orientation, { m, k, n }: Sizes): string {
  return `${name} ${m}×${k}×${n}`;
}
