import { pageElement } from "../page-element.js";
import {
  type Choice,
  CsvError,
  likelyChoice,
  readTable,
  type Table,
  type TablePoints,
  toPoints,
} from "./csv.js";

/** A larger file would not fit the plane anyhow. */
const MAX_BYTES = 20_000_000;

/** Takes a CSV file (chosen, or dropped on `target`) and asks which of its columns to use. */
export class CsvChooser {
  readonly #columns = pageElement("csv-columns", HTMLElement);
  readonly #note = pageElement("csv-note", HTMLElement);
  readonly #selects = {
    x: pageElement("csv-x", HTMLSelectElement),
    y: pageElement("csv-y", HTMLSelectElement),
    label: pageElement("csv-label", HTMLSelectElement),
  };
  readonly #onPoints: (points: TablePoints) => void;
  #table: Table | undefined;

  constructor(target: HTMLElement, onPoints: (points: TablePoints) => void) {
    this.#onPoints = onPoints;
    const chooser = pageElement("csv-file", HTMLInputElement);
    chooser.addEventListener("change", () => {
      const file = chooser.files?.[0];
      if (file !== undefined) void this.#open(file);
      chooser.value = ""; // the same file again is a change, too
    });
    target.addEventListener("dragover", (event) => {
      event.preventDefault();
      target.classList.add("dropping");
    });
    target.addEventListener("dragleave", () => target.classList.remove("dropping"));
    target.addEventListener("drop", (event) => {
      event.preventDefault();
      target.classList.remove("dropping");
      const file = event.dataTransfer?.files[0];
      if (file !== undefined) void this.#open(file);
    });
    for (const select of Object.values(this.#selects)) {
      select.addEventListener("input", (event) => {
        event.stopPropagation(); // these are no settings of the run
        this.#use();
      });
    }
  }

  async #open(file: File): Promise<void> {
    try {
      if (file.size > MAX_BYTES) throw new CsvError("The file is larger than 20 MB.");
      this.#table = readTable(await file.text());
      this.#offer(this.#table, likelyChoice(this.#table));
      this.#use();
    } catch (error) {
      this.#say(error);
    }
  }

  #offer({ columns, numeric }: Table, choice: Choice): void {
    const fill = (select: HTMLSelectElement, offered: readonly number[], chosen: number) => {
      select.replaceChildren(
        ...offered.map((i) => new Option(columns[i] ?? "", String(i), false, i === chosen)),
      );
    };
    fill(this.#selects.x, numeric, choice.x);
    fill(this.#selects.y, numeric, choice.y);
    fill(this.#selects.label, [...columns.keys()], choice.label);
    this.#columns.hidden = false;
  }

  #use(): void {
    if (this.#table === undefined) return;
    const { x, y, label } = this.#selects;
    try {
      const taken = toPoints(this.#table, {
        x: Number(x.value),
        y: Number(y.value),
        label: Number(label.value),
      });
      const classes = taken.classNames.map((name, i) => `${"ABCD"[i]} = ${name}`).join(", ");
      const leftOut = taken.leftOut > 0 ? ` ${taken.leftOut} rows were left out.` : "";
      this.#note.textContent = `${taken.points.length} rows; classes ${classes}.${leftOut}`;
      this.#onPoints(taken);
    } catch (error) {
      this.#say(error);
    }
  }

  #say(error: unknown): void {
    if (!(error instanceof CsvError)) throw error;
    this.#note.textContent = error.message;
  }
}
