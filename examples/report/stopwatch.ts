/** Takes the wall time of a program's phases. */
export class Stopwatch {
  readonly #phases: [name: string, seconds: number][] = [];

  async time<Result>(phase: string, work: () => Result | Promise<Result>): Promise<Result> {
    const start = performance.now();
    try {
      return await work();
    } finally {
      this.#phases.push([phase, (performance.now() - start) / 1000]);
    }
  }

  /** Such as `reading 0.5 s, training 7.1 s; 7.6 s in all`. */
  toString(): string {
    const total = this.#phases.reduce((sum, [, seconds]) => sum + seconds, 0);
    const phases = this.#phases.map(([name, seconds]) => `${name} ${seconds.toFixed(1)} s`);
    return `${phases.join(", ")}; ${total.toFixed(1)} s in all`;
  }
}
