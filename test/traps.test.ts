// Every export of both builds traps in turn, under every public call that reaches it: InternalError comes out, and a
// new network works. An export that no call here reaches fails the test.
import { beforeAll, describe, expect, it, vi } from "vitest";
import {
  adam,
  createNetwork,
  gradientCheck,
  gradientDescent,
  InternalError,
  loadNetwork,
  miniBatches,
  momentum,
  type Network,
  ResourceError,
  resumeTraining,
  trainMlp,
} from "../ts/index.js";
import { MemoryStore } from "./files/small-files.js";

/** The export that traps, those that were called, and all that there are. */
const injected = vi.hoisted(() => ({
  trapping: undefined as string | undefined,
  called: new Set<string>(),
  all: new Set<string>(),
  /** Whether every step counts as one that takes long. */
  long: false,
}));

type Numbers = readonly number[];

vi.mock("../ts/engine/wasm/pkg-threads/layerwise.js", async (importOriginal) => {
  const glue = await importOriginal<typeof import("../ts/engine/wasm/pkg-threads/layerwise.js")>();
  const tampered = (name: string, kernel: (...numbers: Numbers) => unknown) => {
    injected.all.add(name);
    return (...numbers: Numbers) => {
      injected.called.add(name);
      if (injected.trapping === name) throw new WebAssembly.RuntimeError("unreachable");
      return kernel(...numbers);
    };
  };
  const initSync = (start: { module: WebAssembly.Module }) =>
    Object.fromEntries(
      Object.entries(glue.initSync(start)).map(([name, value]) => [
        name,
        typeof value === "function" ? tampered(name, value) : value,
      ]),
    );
  return { ...glue, initSync };
});

vi.mock("../ts/training/step.js", async (importOriginal) => {
  const original = await importOriginal<typeof import("../ts/training/step.js")>();
  const isInPortions: typeof original.isInPortions = (layers, rows) =>
    injected.long || original.isInPortions(layers, rows);
  return { ...original, isInPortions };
});

/** Reached by no public call: the workers', the glue's, and what is asked after a trap. */
const OUT_OF_REACH = [/^(enter|serve|worker_lost)$/, /^__wbindgen_/];

const m = 24;
const x = Array.from({ length: m }, (_, i) => [i % 3, (i % 7) - 3, (i % 5) / 4, -(i % 2)]);
const y = Array.from({ length: m }, (_, i) => i % 2);
const huge = { float32: 1e30, float64: 1e160 };

interface Prepared {
  readonly network: Network;
  readonly bytes: Uint8Array;
  readonly store: MemoryStore;
}

const FORMS = [
  { dtype: "float32", layerDims: [4, 8, 1], threads: 1 },
  { dtype: "float64", layerDims: [4, 8, 2], outputActivation: "softmax", threads: 1 },
  { dtype: "float32", layerDims: [4, 8, 2], outputActivation: "softmax", threads: 2 },
  { dtype: "float64", layerDims: [4, 8, 1], threads: 2 },
] as const;

type Form = Omit<(typeof FORMS)[number], "threads"> & { readonly threads: number };

const CALLS: Record<string, (form: Form, prepared: Prepared) => unknown> = {
  createNetwork: (form) => createNetwork(form),
  trainMlp: ({ dtype, layerDims, threads }) =>
    trainMlp(x, layerDims[2] === 1 ? y : y.map((label) => [label, 1 - label]), layerDims, {
      dtype,
      threads,
      iterations: 1,
    }),
  loadNetwork: ({ threads }, { bytes }) => loadNetwork(bytes, { threads }),
  resumeTraining: ({ threads }, { store }) => resumeTraining("run", x, y, { store, threads }),
  miniBatches: () => miniBatches(x, y, { batchSize: 5 }),
  gradientCheck: (_, { network }) => gradientCheck(network, x, y, { keepProb: 0.8, l2: 0.1 }),
  "fit, full batch": (_, { network }) => network.fit(x, y, { epochs: 1 }),
  "fit, several batches a step": (_, { network }) =>
    network.fit(x, y, { epochs: 1, batchSize: 8, accumulate: 2 }),
  "fit from memory": (_, { network }) => network.fit(x, y, { epochs: 5, batchSize: 8, keepProb: 0.8 }),
  "fit row by row": (_, { network }) => {
    refuseDataSet(network);
    return network.fit(x, y, { epochs: 2, batchSize: 8, l2: 0.1 });
  },
  "fit in portions": async (_, { network }) => {
    injected.long = true;
    try {
      return await network.fit(x, y, { epochs: 2, batchSize: 8, keepProb: 0.8 });
    } finally {
      injected.long = false;
    }
  },
  "fit with checkpoints": (_, { network, store }) =>
    network.fit(x, y, { epochs: 1, checkpoint: { path: "other", store, everySteps: 1 } }),
  "trainStep, gradient descent": (_, { network }) =>
    network.trainStep(x, y, { optimizer: gradientDescent({ learningRate: 0.1 }) }),
  "trainStep, momentum": (_, { network }) =>
    network.trainStep(x, y, { optimizer: momentum({ learningRate: 0.1 }) }),
  "trainStep, adam": (_, { network }) => network.trainStep(x, y, { optimizer: adam() }),
  "trainStep, huge": ({ dtype }, { network }) =>
    network.trainStep(
      x.map((row) => row.map((value) => (value + 0.5) * huge[dtype])),
      y,
      { optimizer: adam() },
    ),
  gradients: (_, { network }) => network.gradients(x, y, { l2: 0.1 }),
  predict: (_, { network }) => network.predict(x),
  "predict, not finite": (_, { network }) => network.predict([[1, 2, 3, Number.NaN]]),
  evaluate: (_, { network }) => network.evaluate(x, y),
  toBytes: (_, { network }) => network.toBytes(),
  parameters: (_, { network }) => network.parameters(),
  setParameters: (_, { network }) => network.setParameters(network.parameters()),
  toOnnx: (_, { network }) => network.toOnnx(),
  save: (_, { network, store }) => network.save("saved", { store }),
  dispose: (_, { network }) => network.dispose(),
};

/** Whether the network may compute after this call: it is gone, or what trapped was a build of the other number type. */
function isElsewhere(call: unknown, { dtype }: Form): boolean {
  return call === CALLS.dispose || call === (dtype === "float32" ? CALLS.gradientCheck : CALLS.miniBatches);
}

/** No room for the data set in this network's instance: its rows stay in JavaScript. */
function refuseDataSet({ trainee: { layers } }: Network): void {
  const { engine } = layers;
  const room = engine.room.bind(engine);
  engine.room = (what, spans) => {
    if (what.includes("data set")) throw new ResourceError(what, "room", "none");
    return room(what, spans);
  };
}

async function prepare(form: Form): Promise<Prepared> {
  const store = new MemoryStore();
  const network = await createNetwork(form);
  expect(network.runtime.threads).toBe(form.threads);
  const stop = new AbortController();
  await network.fit(x, y, {
    epochs: 3,
    batchSize: 8,
    checkpoint: { path: "run", store, everySteps: 1 },
    signal: stop.signal,
    onEpoch: () => stop.abort(),
  });
  return { network, bytes: network.toBytes(), store };
}

const outcome = async (call: () => unknown) => {
  try {
    return await call();
  } catch (error) {
    return error;
  }
};

describe.each(FORMS)("$dtype, $layerDims, $threads threads", (form) => {
  it.each(Object.entries(CALLS))("%s", async (_, call) => {
    const reached = await exportsReachedBy(form, call);
    for (const name of reached) {
      const prepared = await prepare(form);
      injected.called.clear();
      injected.trapping = name;
      const came = await outcome(() => call(form, prepared));
      injected.trapping = undefined;
      if (name === "build" && !injected.called.has(name)) continue; // No instance had to be made.
      expect(came, name).toBeInstanceOf(InternalError);

      // The network is lost with its instance, unless the call was of another one.
      const after = await outcome(() => prepared.network.predict(x));
      if (!isElsewhere(call, form) && form.threads === 1) expect(after, name).toBeInstanceOf(InternalError);
      prepared.network.dispose();

      const fresh = await createNetwork(form);
      expect(fresh.runtime.threads).toBe(form.threads);
      expect((await fresh.fit(x, y, { epochs: 1 })).steps).toBe(1);
      fresh.dispose();
    }
  });
});

/** What the call calls when nothing traps; of what it and `prepare` call alike, all. */
async function exportsReachedBy(form: Form, call: (form: Form, prepared: Prepared) => unknown) {
  const prepared = await prepare(form);
  injected.called.clear();
  await outcome(() => call(form, prepared));
  const reached = [...injected.called].filter((name) => !OUT_OF_REACH.some((no) => no.test(name)));
  prepared.network.dispose();
  for (const name of reached) everReached.add(name);
  return reached;
}

const everReached = new Set<string>();

it.each([1, 2])("a build that traps at its start, %s threads", async (threads) => {
  const { network } = await prepare({ ...FORMS[0], threads });
  injected.trapping = "magnitude_bound";
  await outcome(() => network.predict(x));
  injected.trapping = "build";
  const came = await outcome(() => createNetwork({ ...FORMS[0], threads }));
  injected.trapping = undefined;
  expect(came).toBeInstanceOf(InternalError);
  const fresh = await createNetwork({ ...FORMS[0], threads });
  expect(fresh.runtime.threads).toBe(threads);
  fresh.dispose();
});

describe("all exports", () => {
  beforeAll(async () => {
    for (const form of FORMS) {
      for (const call of Object.values(CALLS)) await exportsReachedBy(form, call);
    }
  });

  it("are reached by one of these calls, or known to be out of reach", () => {
    const missing = [...injected.all].filter((name) => !everReached.has(name));
    expect(missing.filter((name) => !OUT_OF_REACH.some((no) => no.test(name)))).toEqual([]);
  });
});
