import type { Table } from "@layerwise/data";
import type { BlobStore } from "../store/blob-store.js";
import { type ResolvedStudy, resolveStudy } from "../study/resolve-study.js";
import type { Study } from "../study/study.js";
import { referToData } from "../trial/open-data.js";

export interface OpenStudyOptions {
  readonly store: BlobStore;
  /** Where the study's relative paths begin. Default: the working folder. */
  readonly folder?: string;
  /**
   * Whether data sets are put into the store for workers that see no such path. Default false: only what
   * URLs with a password or a query name.
   */
  readonly storeData?: boolean;
}

/** A checked study with what follows from its data, and these, read once. Raises ConfigError, StorageError. */
export async function openStudy(
  study: Study,
  { store, folder = ".", storeData = false }: OpenStudyOptions,
): Promise<{ readonly resolved: ResolvedStudy; readonly table: Table }> {
  const { reference, table } = await referToData(study.data, study.reading ?? {}, {
    folder,
    store,
    storeData,
  });
  return { resolved: resolveStudy(study, reference, table), table };
}
