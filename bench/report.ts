import { BARE, HIDDEN_LAYERS, hiddenLayersName } from "./activations.js";
import { BY_NDARRAY, productName, SIZES } from "./kernels.js";
import { LAYERS_VARIANTS, LAYERS_WORK, layersName } from "./layers.js";
import type { Machine } from "./machine.js";
import type { Measurement, SuiteName } from "./measurement.js";
import { ORIENTATIONS } from "./product.js";
import type { Absence } from "./results.js";
import { PARTS, partName, VARIANTS } from "./step-parts.js";
import { number, percent, table } from "./table.js";
import { FORK_JOIN } from "./threads.js";
import { BY_FIT, BY_STEPS } from "./training.js";
import { describeWork, WORKS } from "./works.js";

export function describeRun(machine: Machine): string {
  const { layerwise, build, cpu, cores, memoryGiB, system, node, v8 } = machine;
  return `Layerwise ${layerwise} (WebAssembly: ${build})
${cpu}, ${cores} cores, ${memoryGiB} GiB, ${system}; Node ${node}, V8 ${v8}
Medians of rounds in which all took turns; in brackets the slowest and the fastest round.
"of peak": of the rate of multiply-adds in registers, in the same build and the same rounds.`;
}

/** The tables of one suite. */
export function report(
  suite: SuiteName,
  measurements: readonly Measurement[],
  absent: readonly Absence[],
): string {
  const ofSuite = measurements.filter((it) => it.suite === suite);
  const missing = absent.filter(({ backend }) => (backend === BY_NDARRAY) === (suite === "kernels"));
  if (suite === "kernels") {
    const products = [reportProducts(ofSuite), ...missing.map(describeAbsence)];
    return [...products, "", reportSteps(ofSuite), "", reportActivations(ofSuite)].join("\n");
  }
  if (suite === "training") return reportTraining(ofSuite);
  if (suite === "scaling") return reportScaling(ofSuite);
  if (suite === "threads") return reportThreads(ofSuite);
  if (suite === "caller") return reportCaller(ofSuite);
  if (suite === "layers") return reportLayers(ofSuite, missing);
  return reportPeers(ofSuite, missing);
}

function describeAbsence({ backend, reason }: Absence): string {
  return `${backend}: absent (${reason})`;
}

function reportProducts(measurements: readonly Measurement[]): string {
  const rows = SIZES.flatMap((sizes) =>
    (["float32", "float64"] as const).flatMap((dtype) => {
      const find = (work: string, backend: string) =>
        measurements.find((it) => it.work === work && it.backend === backend && it.dtype === dtype);
      const works = ORIENTATIONS.map((orientation) => productName(orientation, sizes));
      const ours = works.map((work) => find(work, "layerwise"));
      const ndarray = find(works[0] ?? "", BY_NDARRAY);
      if (ours.every((it) => it === undefined)) return [];
      const { m, k, n } = sizes;
      const rates = [...ours, ndarray].map((it) =>
        it === undefined ? "" : `${number(it.gflops)} (${percent(it.fraction_of_peak)})`,
      );
      return [[`${m}×${k}×${n}`, dtype, number(ours[0]?.peak_gflops), ...rates]];
    }),
  );
  const header = ["m×k×n", "", "peak", ...ORIENTATIONS.map(({ name }) => name), "ndarray A·B"];
  return `Matrix products, one thread, GFLOP/s (of peak)\n\n${table(header, rows, 2)}`;
}

function reportSteps(measurements: readonly Measurement[]): string {
  const rows = VARIANTS.flatMap((variant) => {
    const find = (part: (typeof PARTS)[number]) =>
      measurements.find(({ work }) => work === partName(part, variant));
    const step = find("step");
    if (step === undefined) return [];
    const shares = PARTS.map((part) => {
      const rate = find(part)?.examples_per_s;
      return part === "step" || rate === undefined ? "" : percent(step.examples_per_s / rate);
    });
    const microseconds = `${number(1e6 / step.examples_per_s)} µs`;
    return [[variant.name, ...shares.slice(0, -1), microseconds, percent(step.fraction_of_peak)]];
  });
  const header = ["hidden, output", ...PARTS, "of peak"];
  const title = "Where the time of an mnist step goes (each part timed alone), one thread, float32";
  return `${title}\n\n${table(header, rows, 1)}`;
}

function reportActivations(measurements: readonly Measurement[]): string {
  const microseconds = (name: (typeof HIDDEN_LAYERS)[number]) =>
    1e6 / (measurements.find(({ work }) => work === hiddenLayersName(name))?.examples_per_s ?? Number.NaN);
  const cost = (name: (typeof HIDDEN_LAYERS)[number]) => microseconds(name) - microseconds(BARE);
  const rows = HIDDEN_LAYERS.filter((name) => name !== BARE && Number.isFinite(cost(name))).map((name) => {
    return [name, `${number(cost(name))} µs`, number(cost(name) / cost("relu"))];
  });
  const title =
    "Bias, g and g′ of an mnist step's hidden layers (with their products, less these alone), one thread, float32";
  return `${title}\n\n${table(["hidden", "", "times relu's"], rows, 1)}`;
}

function reportTraining(measurements: readonly Measurement[]): string {
  const rows = measurements.flatMap((it) => {
    if (it.backend !== BY_FIT) return [];
    const bySteps = measurements.find(
      ({ backend, work, dtype }) => backend === BY_STEPS && work === it.work && dtype === it.dtype,
    );
    return [
      [
        it.work,
        describe(it.work),
        it.dtype,
        ...ratesOf(it),
        number(it.peak_gflops),
        number(bySteps?.examples_per_s),
      ],
    ];
  });
  const header = ["work", "", "", "examples/s", "", "GFLOP/s", "of peak", "peak", "by trainStep"];
  const title =
    "Training steps, one thread: fit over a resident data set (and the same updates by trainStep)";
  return `${title}\n\n${table(header, rows, 3)}`;
}

function reportScaling(measurements: readonly Measurement[]): string {
  const rows = measurements.map((it) => [it.work, ...ratesOf(it)]);
  const title = "Does the cost grow as the work does? fit, one thread, float32";
  return `${title}\n\n${table(["", "examples/s", "", "GFLOP/s", "of peak"], rows, 1)}`;
}

function reportThreads(measurements: readonly Measurement[]): string {
  const rows = measurements.flatMap((it) => {
    if (it.work === FORK_JOIN) return [];
    const { speed_up: speedUp } = it;
    const gain = speedUp === undefined ? [] : [`${number(speedUp.times)} ×`, bracket(speedUp.range)];
    const efficiency = speedUp === undefined ? "" : percent(speedUp.times / it.threads);
    return [[it.work, describe(it.work), `${it.threads}`, ...ratesOf(it).slice(0, 3), ...gain, efficiency]];
  });
  const header = ["work", "", "threads", "examples/s", "", "GFLOP/s", "speed-up", "", "efficiency"];
  const costs = measurements
    .filter(({ work }) => work === FORK_JOIN)
    .map(({ threads, examples_per_s }) => `${number(1e6 / examples_per_s)} µs with ${threads} threads`);
  const title = "Threads: fit over a resident data set, float32";
  return `${title}\n\n${table(header, rows, 3)}\n\nA fork and join of all threads takes ${costs.join(", ")}.`;
}

function reportCaller(measurements: readonly Measurement[]): string {
  const rows = measurements.flatMap((it) => {
    const { backend, threads, longest_gap_ms: gap } = it;
    if (gap === undefined) return [];
    const where = backend === BY_FIT ? "on the caller's thread" : "in a worker";
    return [
      [where, `${threads}`, `${number(gap.median)} ms`, bracket(gap.range), ...ratesOf(it).slice(0, 3)],
    ];
  });
  const header = ["fit", "threads", "longest gap", "", "examples/s", "", "GFLOP/s"];
  const idle = measurements[0]?.longest_gap_ms?.idle;
  const title = "How long the caller's event loop is held while it trains: wide on full batches, float32";
  return `${title}\n\n${table(header, rows, 1)}\n\nA loop with nothing to do had gaps of ${number(idle)} ms in the same rounds.`;
}

function reportLayers(measurements: readonly Measurement[], absent: readonly Absence[]): string {
  const backends = [...new Set(measurements.map(({ backend }) => backend))];
  const tables = [...new Set(measurements.map(({ threads }) => threads))].map((threads) => {
    const find = (work: string, backend: string) =>
      measurements.find((it) => it.work === work && it.backend === backend && it.threads === threads);
    const rows = LAYERS_VARIANTS.map((name) => [
      layersName(name),
      ...backends.flatMap((backend) => {
        const found = find(layersName(name), backend);
        if (found === undefined) return ["", "", ""];
        const step = `${number((1e6 * LAYERS_WORK.batchSize) / found.examples_per_s)} µs`;
        if (found.adds_us === undefined) return [step, "", ""];
        return [step, `${number(found.adds_us.median)} µs`, bracket(found.adds_us.range)];
      }),
    ]);
    const header = ["", ...backends.flatMap((backend) => [backend, "adds", ""])];
    const on = threads === 1 ? "one thread" : `${threads} threads`;
    const { layerDims, batchSize } = LAYERS_WORK;
    return `What a layer or a loss adds to a step of [${layerDims}], batch ${batchSize}, Adam, float32, ${on}\n\n${table(header, rows, 1)}`;
  });
  return [...tables, ...absent.map(describeAbsence)].join("\n\n");
}

function reportPeers(measurements: readonly Measurement[], absent: readonly Absence[]): string {
  const ours = measurements.filter(({ backend }) => backend === BY_FIT);
  const tables = ours.map(({ work, threads }) => {
    const rows = measurements
      .filter((it) => it.work === work && it.threads === threads)
      .sort((a, b) => b.examples_per_s - a.examples_per_s)
      .map((it) => [
        it.backend,
        it.version ?? "",
        it.dtype,
        `${it.threads}`,
        ...ratesOf(it),
        ...[it.layerwise_is, it.native_is, it.fast_is].flatMap((is) =>
          is === undefined ? ["", ""] : [`${number(is.times)} ×`, bracket(is.range)],
        ),
      ]);
    const rates = ["examples/s", "", "GFLOP/s", "of peak"];
    const header = [
      "",
      "version",
      "",
      "threads",
      ...rates,
      "layerwise is",
      "",
      "native is",
      "",
      "fast is",
      "",
    ];
    const on = threads === 1 ? "one thread" : `${threads} threads`;
    return `${work}: ${describe(work)}, ${on}\n\n${table(header, rows, 3)}`;
  });
  const notes = new Map(measurements.map(({ backend, note }) => [backend, note]));
  const remarks = [
    "Each peer started from the same weights and had the same losses (to 1e-3) for its first steps, and each does",
    "the whole job, shuffling and gathering its batches too, unless its remark says otherwise.",
    ...[...notes].flatMap(([backend, note]) => (note === undefined ? [] : [`${backend}: ${note}`])),
    ...absent.map(describeAbsence),
  ];
  return [...tables, remarks.join("\n")].join("\n\n");
}

/** examples/s with their range, GFLOP/s, fraction of peak */
function ratesOf({ examples_per_s, range, gflops, fraction_of_peak }: Measurement): string[] {
  return [number(examples_per_s), bracket(range), number(gflops), percent(fraction_of_peak)];
}

function bracket([lowest, highest]: readonly [number, number]): string {
  return `[${number(lowest)} – ${number(highest)}]`;
}

function describe(name: string): string {
  const work = WORKS.find((it) => it.name === name);
  return work === undefined ? "" : describeWork(work);
}
