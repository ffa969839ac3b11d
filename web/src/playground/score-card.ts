import { ConfusionTable } from "../confusion-table.js";
import { pageElement } from "../page-element.js";
import type { DataSet } from "./data-set.js";
import type { Task } from "./data-sets.js";
import type { Snapshot } from "./messages.js";
import { ScatterView } from "./scatter-view.js";
import { scoreText } from "./score-text.js";
import { type Scores, SHOWN } from "./scores.js";

const CLASS_NAMES = ["A", "B", "C", "D"];

/** The metrics of the task, and how the answers lie to what is right: counts of classes, or numbers against numbers. */
export class ScoreCard {
  readonly #rows = pageElement("score-rows", HTMLTableSectionElement);
  readonly #confusion = new ConfusionTable(pageElement("class-confusion", HTMLTableElement));
  readonly #caption = pageElement("confusion-caption", HTMLElement);
  readonly #scatter = new ScatterView(pageElement("scatter", HTMLCanvasElement));
  #task: Task | undefined;

  /** @param snapshot - undefined: nothing was computed yet */
  show(data: DataSet, snapshot: Snapshot | undefined): void {
    const { task } = data;
    if (task !== this.#task) this.#build(task);
    const { train, test } = snapshot ?? {};
    SHOWN[task].forEach(([name], i) => {
      const cells = this.#rows.rows[i]?.cells;
      for (const [at, scores] of [train, test].entries()) {
        const cell = cells?.[at + 1];
        if (cell !== undefined) cell.textContent = scoreText(name, scores?.values[name]);
      }
    });
    if (task === "classes") {
      const names = CLASS_NAMES.slice(0, data.classes);
      this.#caption.textContent = `${test === undefined ? "Training" : "Test"} examples. Rows: what they are. Columns: what they were taken for.`;
      this.#confusion.show(names, countsOf(test ?? train));
    } else this.#scatter.show(data, snapshot?.predictions);
  }

  /** A metric a row. */
  #build(task: Task): void {
    this.#task = task;
    const rows = SHOWN[task].map(([, label]) => {
      const row = document.createElement("tr");
      const name = document.createElement("th");
      name.scope = "row";
      name.textContent = label;
      row.append(name);
      row.insertCell();
      row.insertCell();
      return row;
    });
    this.#rows.replaceChildren(...rows);
    pageElement("confusion-figure", HTMLElement).hidden = task !== "classes";
    pageElement("scatter-figure", HTMLElement).hidden = task !== "numbers";
  }
}

function countsOf(scores: Scores | undefined): number[] | undefined {
  return scores?.confusion?.flat();
}
