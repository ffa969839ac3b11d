import type { WorkerFacts } from "./registry.js";

/** What a study's jobs are of: workers of another build or with another store refuse them. */
export interface Wanted {
  readonly queue: string;
  readonly build: string;
  readonly store: string;
}

/** Whether a worker takes jobs of these. */
export function takes({ build, store }: WorkerFacts, wanted: Wanted): boolean {
  return build === wanted.build && store === wanted.store;
}

/** What is worth a line about the workers that are there; empty where all of them take the study's jobs. */
export function wordOnWorkers(workers: readonly WorkerFacts[], wanted: Wanted): string {
  const { queue, build, store } = wanted;
  if (workers.length === 0)
    return `no worker on queue ${queue} yet: layerwise worker --redis … --queue ${queue}`;
  const refusing = workers.filter((one) => !takes(one, wanted));
  if (refusing.length === 0) return "";
  const builds = refusing.filter((one) => one.build !== build);
  const stores = refusing.filter((one) => one.build === build);
  const parts = [
    refusing.length === workers.length ? `no worker on queue ${queue} that takes this study's jobs` : "",
    builds.length === 0
      ? ""
      : `${named(builds)} of build ${each(builds, "build")}: the study is of build ${build}`,
    stores.length === 0
      ? ""
      : `${named(stores)} with ${each(stores, "store")} as store: the study's is ${store} (give all of them the same --store)`,
  ];
  return parts.filter((part) => part !== "").join("; ");
}

function named(workers: readonly WorkerFacts[]): string {
  const [first] = workers;
  return workers.length === 1
    ? `refused by ${first?.host} ${first?.pid},`
    : `refused by ${workers.length} workers`;
}

function each(workers: readonly WorkerFacts[], key: "build" | "store"): string {
  return [...new Set(workers.map((one) => one[key]))].sort().join(", ");
}
