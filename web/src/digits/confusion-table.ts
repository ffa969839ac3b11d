/** 10 × 10 counts, the larger the darker; right answers in one colour, wrong ones in another. */
export class ConfusionTable {
  readonly #cells: HTMLTableCellElement[] = [];

  constructor(table: HTMLTableElement) {
    const heading = (text: string, scope: string) => {
      const cell = document.createElement("th");
      cell.scope = scope;
      cell.textContent = text;
      return cell;
    };
    const head = table.createTHead().insertRow();
    head.insertCell();
    for (let digit = 0; digit < 10; digit++) head.append(heading(String(digit), "col"));
    const body = table.createTBody();
    for (let was = 0; was < 10; was++) {
      const row = body.insertRow();
      row.append(heading(String(was), "row"));
      for (let read = 0; read < 10; read++) {
        const cell = row.insertCell();
        cell.className = was === read ? "right" : "wrong";
        this.#cells.push(cell);
      }
    }
  }

  /** Undefined: nothing was tested yet. */
  show(confusion: Uint32Array | undefined): void {
    this.#cells.forEach((cell, i) => {
      const count = confusion?.[i] ?? 0;
      cell.textContent = confusion === undefined || count === 0 ? "" : String(count);
      // About 1,000 images of each digit; errors are rare, and are to be seen.
      const strength = cell.className === "right" ? count / 1150 : Math.min(1, count / 40);
      cell.style.setProperty("--strength", `${Math.round(60 * strength)}%`);
    });
  }
}
