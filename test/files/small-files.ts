// Small networks, their data and their files, for the tests of this folder.
import {
  adam,
  type CheckpointOptions,
  createNetwork,
  type FitOptions,
  type ModelStore,
  momentum,
  type Network,
  type NetworkOptions,
} from "../../ts/index.js";

/** 23 examples of 3 numbers: no multiple of any batch size used here. */
export const x = Array.from({ length: 23 }, (_, i) => [Math.sin(i), Math.cos(2 * i), i / 23]);
export const y: number[] = x.map(([first = 0]) => (first > 0 ? 1 : 0));
/** The same as one of three classes. */
export const classes: number[] = x.map((_, i) => (i * i) % 3);

export const options: NetworkOptions = { layerDims: [3, 4, 1], seed: 5 };
export const fitOptions: FitOptions = { epochs: 3, batchSize: 5, keepProb: 0.75, l2: 0.01 };

/** A store in memory, which keeps what it is given as it is given. */
export class MemoryStore implements ModelStore {
  readonly generations: Uint8Array[] = [];

  async write(_name: string, bytes: Uint8Array, keep: number): Promise<void> {
    this.generations.unshift(bytes.slice());
    this.generations.length = Math.min(this.generations.length, keep + 1);
  }

  async read(_name: string, generation: number): Promise<Uint8Array | undefined> {
    return this.generations[generation];
  }
}

/** A store that holds one checkpoint. */
export function storeOf(checkpoint: Uint8Array | undefined): MemoryStore {
  const store = new MemoryStore();
  if (checkpoint !== undefined) store.generations.push(checkpoint);
  return store;
}

/** The checkpoints of a whole fit, the newest first. */
export async function checkpointsOf(
  network: Network,
  options: FitOptions,
  schedule: Partial<CheckpointOptions> = { everySteps: 1 },
  labels = y,
  rows = x,
): Promise<Uint8Array[]> {
  const store = new MemoryStore();
  const all: Uint8Array[] = [];
  const onCheckpoint = () => void all.unshift(...store.generations.slice(0, 1));
  await network.fit(rows, labels, {
    ...options,
    checkpoint: { path: "-", store, ...schedule },
    onCheckpoint,
  });
  return all;
}

/** A model, a checkpoint in the middle of an epoch, and one at an epoch's end. */
export async function smallFiles(): Promise<readonly [Uint8Array, Uint8Array, Uint8Array]> {
  using model = await createNetwork(options);
  await model.fit(x, y, { ...fitOptions, optimizer: adam() });
  using first = await createNetwork({ ...options, layerDims: [3, 2, 3], outputActivation: "softmax" });
  const inEpoch = await checkpointsOf(first, { ...fitOptions, optimizer: momentum() }, undefined, classes);
  using second = await createNetwork({ ...options, dtype: "float64", hiddenActivation: "sigmoid" });
  const atEnd = await checkpointsOf(second, { ...fitOptions, optimizer: adam() });
  return [model.toBytes(), inEpoch[2] ?? new Uint8Array(), atEnd[0] ?? new Uint8Array()];
}

/** The error that a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** What `call` throws. */
export function thrown(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
}
