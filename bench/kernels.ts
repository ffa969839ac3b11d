import type { Dtype } from "layerwise";
import { type Kernels, sharedInstance } from "../ts/wasm/kernels.js";
import { measurementOf } from "./measurement.js";
import { ndarrayDot } from "./ndarray.js";
import { peakCase, peakName } from "./peak.js";
import { Operands, ORIENTATIONS, type Orientation, plainProduct, type Sizes } from "./product.js";
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

/** The size at which ndarray's own product, a competitor in the same WebAssembly, is timed too. */
export const NDARRAY_SIZE = 512;
export const BY_NDARRAY = "ndarray";

/** One way to one product. */
interface Contender {
  readonly backend: string;
  readonly dtype: Dtype;
  readonly orientation: Orientation;
  readonly operands: Operands;
  readonly run: () => void;
}

/** One size of matrix product: all orientations in both dtypes, each first checked against a plain loop. */
export async function productRace(sizes: Sizes): Promise<Race> {
  const contenders = [...(await ours(sizes)), ...(await ndarrays(sizes))];
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
      for (const { operands } of contenders) operands.release();
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

async function ours(sizes: Sizes): Promise<Contender[]> {
  const plain = plainProduct(sizes);
  const instance = await sharedInstance();
  const { m, k, n } = sizes;
  return DTYPES.flatMap((dtype) =>
    ORIENTATIONS.map((orientation) => {
      const kernels = instance[dtype];
      const workspaceLength = kernels.matmulWorkspaceLength(m, n, k, THREADS);
      const operands = new Operands(instance, dtype, plain, orientation, workspaceLength);
      const run = multiplyBy(kernels, operands, orientation, sizes);
      return { backend: "layerwise", dtype, orientation, operands, run };
    }),
  );
}

function multiplyBy(kernels: Kernels, operands: Operands, orientation: Orientation, { m, k, n }: Sizes) {
  const { c, a, b, workspace } = operands;
  const { offset, length } = workspace;
  const [aTransposed, bTransposed] = [Number(orientation.aTransposed), Number(orientation.bTransposed)];
  return () => kernels.matmul(c, a, b, offset, length, m, n, k, aTransposed, bTransposed, THREADS);
}

/** ndarray's dot, at its size and if its build is there. */
async function ndarrays(sizes: Sizes): Promise<Contender[]> {
  const { m, k, n } = sizes;
  const [orientation] = ORIENTATIONS;
  if (m !== NDARRAY_SIZE || orientation === undefined) return [];
  const ndarray = await ndarrayDot();
  if (ndarray === undefined) return [];
  const plain = plainProduct(sizes);
  return DTYPES.map((dtype) => {
    const operands = new Operands(ndarray.memory, dtype, plain, orientation, 0);
    const { c, a, b } = operands;
    const run = () => ndarray.dot[dtype](c, a, b, m, n, k);
    return { backend: BY_NDARRAY, dtype, orientation, operands, run };
  });
}

export function productName({ name }: Orientation, { m, k, n }: Sizes): string {
  return `${name} ${m}×${k}×${n}`;
}
