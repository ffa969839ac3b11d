/** Lets a training loop pass while it is open. */
export class Gate {
  #closed: { promise: Promise<void>; open: () => void } | undefined;

  close(): void {
    if (this.#closed !== undefined) return;
    let open = () => {};
    const promise = new Promise<void>((resolve) => {
      open = resolve;
    });
    this.#closed = { promise, open };
  }

  open(): void {
    this.#closed?.open();
    this.#closed = undefined;
  }

  /** Undefined while open; else a promise that resolves when it opens. */
  passed(): Promise<void> | undefined {
    return this.#closed?.promise;
  }
}
