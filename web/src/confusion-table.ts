/** What share of a class must be taken for another so that its cell is as dark as can be: errors are rare, and are to be seen. */
const DARKEST_ERROR = 0.04;

/** Counts of each class (row) that was taken for each (column): the larger the darker, right answers in one colour, wrong ones in another. */
export class ConfusionTable {
  readonly #table: HTMLTableElement;
  #names = "";
  #cells: HTMLTableCellElement[] = [];

  constructor(table: HTMLTableElement) {
    this.#table = table;
  }

  /** Undefined counts: nothing was tested yet. */
  show(names: readonly string[], counts: ArrayLike<number> | undefined): void {
    if (this.#names !== names.join()) this.#build(names);
    const classes = names.length;
    const ofRow = (row: number) =>
      Array.from({ length: classes }, (_, i) => counts?.[row * classes + i] ?? 0).reduce((a, b) => a + b, 0);
    const totals = names.map((_, row) => Math.max(1, ofRow(row)));
    this.#cells.forEach((cell, i) => {
      const count = counts?.[i] ?? 0;
      cell.textContent = counts === undefined || count === 0 ? "" : String(count);
      const share = count / (totals[Math.floor(i / classes)] ?? 1);
      const strength = cell.className === "right" ? share : Math.min(1, share / DARKEST_ERROR);
      cell.style.setProperty("--strength", `${Math.round(45 * strength)}%`);
    });
  }

  #build(names: readonly string[]): void {
    this.#names = names.join();
    this.#cells = [];
    this.#table.tHead?.remove();
    this.#table.tBodies[0]?.remove();
    const heading = (text: string, scope: string) => {
      const cell = document.createElement("th");
      cell.scope = scope;
      cell.textContent = text;
      return cell;
    };
    const head = this.#table.createTHead().insertRow();
    head.insertCell();
    head.append(...names.map((name) => heading(name, "col")));
    const body = this.#table.createTBody();
    names.forEach((was, i) => {
      const row = body.insertRow();
      row.append(heading(was, "row"));
      names.forEach((_, j) => {
        const cell = row.insertCell();
        cell.className = i === j ? "right" : "wrong";
        this.#cells.push(cell);
      });
    });
  }
}
