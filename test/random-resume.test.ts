// Fits of random settings, interrupted at random steps and resumed, perhaps twice: the same end to the byte.
import { expect, it } from "vitest";
import {
  adamW,
  type Batch,
  batchNorm,
  cosine,
  createNetwork,
  type Dataset,
  dense,
  dropout,
  type FitOptions,
  momentum,
  type Network,
  resumeTraining,
  type Stream,
  stream,
} from "../ts/index.js";
import { MemoryStore, storeOf } from "./files/small-files.js";
import { Random } from "./random-cases.js";

/** A longer run: RANDOM_RESUMES=300 npx vitest run --project node test/random-resume.test.ts */
const CASES = Number(process.env.RANDOM_RESUMES ?? 12);

type Data = readonly [x: number[][], y: number[]] | readonly [data: Dataset | Stream];

/** What was drawn for one case. */
function drawn(seed: number) {
  const random = new Random(seed);
  const below = (n: number) => random.below(n);
  const maybe = <Given extends object>(given: Given) => (random.uniform() < 0.4 ? given : {});
  const of = <Choice>(...choices: readonly [Choice, ...Choice[]]): Choice =>
    choices[below(choices.length)] ?? choices[0];

  const m = 12 + below(40);
  const [x, held] = [random.rows(m, 3), random.rows(60, 3)];
  const classOf = (row: readonly number[]) =>
    Number(row[0]) > 1 ? 2 : Number(Number(row[1]) > random.signed());
  const [y, heldY] = [x.map(classOf), held.map(classOf)];
  const weights = x.map((_, i) => (i === 0 ? 1 : below(4) / 2));
  const isWeighted = below(2) === 1;
  const rows = (indices: Iterable<number>): Batch => {
    const all = [...indices];
    const batch = { x: all.map((i) => x[i] ?? []), y: all.map((i) => y[i] ?? 0) };
    return isWeighted ? { ...batch, sampleWeight: all.map((i) => weights[i] ?? 0) } : batch;
  };
  const cut = 1 + below(20);
  const pieces = async function* () {
    for (let start = 0; start < m; start += cut) {
      yield rows(Array.from({ length: Math.min(cut, m - start) }, (_, i) => start + i));
    }
  };
  const form = of("arrays", "data set", "stream");
  const data: Data =
    form === "arrays"
      ? [x, y]
      : form === "stream"
        ? [stream(pieces, { shuffleWindow: 1 + below(30), length: m })]
        : [{ length: m, read: async (indices) => rows(indices) }];

  const epochs = 2 + below(5);
  const validation = of<FitOptions["validation"] & object>(
    { x: held, y: heldY },
    { data: stream(() => [{ x: held, y: heldY }], { shuffleWindow: 1, length: 60 }) },
    form === "stream" ? { x: held, y: heldY } : { fraction: 0.3 },
  );
  /** What a checkpoint doesn't hold, and must be given again. */
  const given: Partial<FitOptions> = {
    warnings: false,
    validation,
    ...maybe({ validateEvery: 2 }),
    ...maybe({
      earlyStopping: { patience: 1 + below(2), minDelta: of(0, 0.05), restoreBest: of(true, false) },
    }),
    ...maybe({ reduceOnPlateau: { monitor: "loss", patience: 1, minDelta: 0.05, factor: 0.5 } }),
    ...maybe({
      weightAverage: of<FitOptions["weightAverage"] & object>(
        { decay: 0.8 },
        { fromEpoch: 1 + below(epochs) },
      ),
    }),
    ...maybe({ classWeight: form === "stream" ? [1, 2, 0.5] : ("balanced" as const) }),
    ...(form === "arrays" && isWeighted && { sampleWeight: weights }),
  };
  const learningRate = of<number | ReturnType<typeof cosine>>(0.03, cosine({ from: 0.05, epochs }));
  const optimizer = of(
    () => adamW({ learningRate }),
    () => momentum({ learningRate }),
  );
  const options = {
    ...given,
    epochs,
    batchSize: of(2 + below(10), m + below(9)),
    ...maybe({ accumulate: 2 + below(3) }),
    ...maybe({ l2: 0.1 }),
    ...maybe({ clip: { norm: 0.5 } }),
  };
  const layers = [
    dense(6, { activation: "tanh" }),
    ...(options.batchSize > m ? [batchNorm()] : []),
    ...of([], [dropout({ keepProb: 0.8 })]),
    dense(3, { activation: "softmax" }),
  ];
  const config = { inputs: 3, layers, seed, dtype: of("float32", "float64"), threads: 1 } as const;
  return { random, data, given, options, optimizer, config };
}

/** Its bytes and history, and how it goes on with its optimizer. */
async function endOf(
  network: Network,
  optimizer: FitOptions["optimizer"] & object,
  history: unknown,
  x: number[][],
) {
  const bytes = Buffer.from(network.toBytes()).toString("base64");
  const more = await network.fit(
    x,
    x.map(() => 1),
    { epochs: 1, optimizer, warnings: false },
  );
  return JSON.stringify([history, bytes, more.loss]);
}

it.each(Array.from({ length: CASES }, (_, seed) => seed))("%i", async (seed) => {
  const { random, data, given, options, optimizer: make, config } = drawn(seed);
  const fitted = (network: Network, more: Partial<FitOptions>) =>
    data.length === 2
      ? network.fit(data[0], data[1], { ...options, ...more })
      : network.fit(data[0], { ...options, ...more });
  const resumed = (file: Uint8Array | undefined, more: object) => {
    const all = { ...given, store: storeOf(file), ...more };
    return data.length === 2 ? resumeTraining("c", data[0], data[1], all) : resumeTraining("c", data[0], all);
  };
  const other = random.rows(20, 3);
  using whole = (await createNetwork(config)) as unknown as Network;
  const optimizer = make();
  const history = await fitted(whole, { optimizer });
  const expected = await endOf(whole, optimizer, history, other);

  using watched = (await createNetwork(config)) as unknown as Network;
  const files: Uint8Array[] = [];
  const store = new MemoryStore();
  await fitted(watched, {
    optimizer: make(),
    checkpoint: { path: "c", store, everySteps: 1 },
    onCheckpoint: () => void files.push(...store.generations.slice(0, 1)),
  });
  for (let turn = 0; turn < 2; turn++) {
    let file = files[random.below(files.length)];
    if (turn === 1) {
      const stop = new AbortController();
      let left = random.below(4);
      const again = storeOf(file);
      const onStep = () => void (left-- <= 0 && stop.abort());
      const { network } = await resumed(file, { store: again, signal: stop.signal, onStep });
      network.dispose();
      file = again.generations[0];
    }
    const found = await resumed(file, {});
    expect(await endOf(found.network, found.optimizer, found.history, other)).toBe(expected);
    found.network.dispose();
  }
});
