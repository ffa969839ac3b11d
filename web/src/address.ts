/** Waits this long for more changes before the address bar follows: browsers limit how often it may. */
const DELAY = 250;

/** The part of the address after #: one parameter per setting, so that a link opens the page as it is now. */
export class Address {
  readonly #opened = new URLSearchParams(location.hash.slice(1));
  readonly #parts = new Map<string, readonly (readonly [string, string])[]>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    // Somebody put another link into this window's address bar.
    addEventListener("hashchange", () => location.reload());
  }

  /** A parameter that the page was opened with. */
  opened(name: string): string | null {
    return this.#opened.get(name);
  }

  /** Puts these parameters in place of the part's former ones. */
  set(part: string, parameters: readonly (readonly [string, string])[]): void {
    this.#parts.set(part, parameters);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => history.replaceState(null, "", this.link()), DELAY);
  }

  /** A link that opens the page as it is now. */
  link(): string {
    const parameters = new URLSearchParams(
      [...this.#parts.values()].flat().map(([name, value]) => [name, value]),
    );
    const url = new URL(location.href);
    url.hash = parameters.toString();
    return url.href;
  }
}
