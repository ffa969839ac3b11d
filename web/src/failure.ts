import { EnvironmentError, NumericError } from "../../ts/errors/errors.js";

/** Why a worker could not go on, as it tells the page. */
export interface Failure {
  readonly kind: "kernels" | "images" | "blocks" | "diverged" | "other";
  /** For those who look closer. */
  readonly detail: string;
}

/** MNIST's files can't be had. */
export class ImagesError extends Error {}

/** The file of block groups can't be had. */
export class BlocksError extends Error {}

export function failureOf(error: unknown): Failure {
  const detail = error instanceof Error ? error.message : String(error);
  if (error instanceof EnvironmentError) return { kind: "kernels", detail };
  if (error instanceof ImagesError) return { kind: "images", detail };
  if (error instanceof BlocksError) return { kind: "blocks", detail };
  if (error instanceof NumericError) return { kind: "diverged", detail };
  return { kind: "other", detail };
}

/** What it means, and what to do. */
export function sentenceOf({ kind, detail }: Failure): string {
  if (kind === "kernels") {
    return `The WebAssembly file that does the computing could not be loaded, so nothing can be trained. Reload the page; if that doesn’t help, the page’s host or a blocker withholds the file. (${detail})`;
  }
  if (kind === "images") {
    return `The images of digits could not be downloaded. Check the connection, then press Reset to try again; on your own host, see that the folder mnist/ is there. (${detail})`;
  }
  if (kind === "blocks") {
    return `California’s block groups could not be downloaded. Check the connection, then press Reset to try again; on your own host, see that the file is there. (${detail})`;
  }
  if (kind === "diverged") {
    return `Training went off to infinity. A smaller learning rate helps. (${detail})`;
  }
  return `Something went wrong; Reset starts anew. (${detail})`;
}

/** A worker whose script can't be loaded says no more than that. */
export const NO_WORKER =
  "The part of this page that trains could not be loaded. Reload the page; if that doesn’t help, a file of it is missing on its host.";
