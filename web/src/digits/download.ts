/** Sooner than this, in milliseconds, the rate is not known well enough to look ahead. */
const SETTLED = 1500;

/** Says how far a download is and, once its rate is known, how long it still takes. */
export class Download {
  #began: number | undefined;

  /** @param now - milliseconds */
  note(received: number, total: number, now: number): string {
    if (this.#began === undefined || received === 0) this.#began = now;
    const elapsed = now - this.#began;
    const soFar = `Download: ${megabytes(received)} of ${megabytes(total)} MB`;
    if (elapsed < SETTLED || received >= total) return soFar;
    return `${soFar}, ${inWords((elapsed * (total - received)) / received / 1000)} left`;
  }

  /** Another download follows. */
  restart(): void {
    this.#began = undefined;
  }
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

function inWords(seconds: number): string {
  if (seconds > 90) return `about ${Math.round(seconds / 60)} min`;
  return `about ${Math.max(1, Math.round(seconds))} s`;
}
