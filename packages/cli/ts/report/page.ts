// A report as one HTML file that needs nothing else: no script, no network.

import { drawsFor } from "@layerwise/data";
import {
  calibrationCurve,
  importanceBars,
  learningCurves,
  precisionRecallCurve,
  predictedAgainstTrue,
  residuals,
  rocCurve,
} from "./charts.js";
import { type Chart, charts, documentOf, section, text } from "./html.js";
import { kindName, type NetworkKind } from "./network-kinds.js";
import { number } from "./number.js";
import type { ClassesReport, NumbersReport, ReportData, Score, WorstExamples } from "./report-data.js";

/** The whole file. Every text of the data is escaped. */
export function reportPage(data: ReportData): string {
  return documentOf(
    data.title,
    `<h1>${text(data.title)}</h1>
<p class="lead">${text(data.lead)}</p>
${scores(data.scores)}
${tested(data)}
${section("How it learnt", charts(learning(data)))}
${data.classes === undefined ? "" : section("Classes", classes(data.classes))}
${data.numbers === undefined ? "" : section("Predictions", numbers(data.numbers))}
${section("What matters", importance(data))}
${section("The largest mistakes", worst(data.worst))}
${section("The data, and what was decided", decisions(data))}
${section("The model", networks(data.networks))}
${section("The same again", again(data))}`,
    data.version,
  );
}

function scores(of: readonly Score[]): string {
  const items = of.map(({ name, value, interval }) => {
    const between =
      interval === undefined ? "" : `<span>[${number(interval[0])} – ${number(interval[1])}]</span>`;
    return `<li><span>${text(name)}</span><b>${number(value)}</b>${between}</li>`;
  });
  return `<ul class="scores">${items.join("\n")}</ul>`;
}

function tested({ rows, scores: of }: ReportData): string {
  if (of.length === 0) return `<p class="note">No rows were kept for a test.</p>`;
  return `<p class="note">On ${number(rows.test)} rows that took no part in training. In brackets the middle 95 % of
${number(drawsFor(rows.test))} draws of as many rows with replacement.</p>`;
}

function learning({ curves }: ReportData): Chart[] {
  if (curves.every(({ loss }) => loss.length === 0)) return [];
  const each = curves.length === 1 ? "" : `, of each of ${curves.length} networks`;
  return [[`Loss by epoch${each}; the dot is the epoch whose weights were kept`, learningCurves(curves)]];
}

function classes(of: ClassesReport): string {
  const share = of.counts.map((row) => sum(row));
  const positives = (share[1] ?? 0) / Math.max(1, sum(share));
  const curves: Chart[] = [
    ...(of.roc === undefined ? [] : [[`ROC, of "${of.names[1] ?? ""}"`, rocCurve(of.roc)] as const]),
    ...(of.precisionRecall === undefined
      ? []
      : [
          [
            `Precision and recall, of "${of.names[1] ?? ""}"`,
            precisionRecallCurve(of.precisionRecall, positives),
          ] as const,
        ]),
    ...(of.calibration.length === 0
      ? []
      : [
          [
            "Calibration; a dot's size is how many rows it stands for",
            calibrationCurve(of.calibration),
          ] as const,
        ]),
  ];
  return `${confusion(of)}<div style="height:18px"></div>${charts(curves)}`;
}

/** Of more the matrix is set small, and without its zeros. */
const MANY_CLASSES = 10;

function confusion({ names, counts }: ClassesReport): string {
  const areMany = names.length > MANY_CLASSES;
  const head = names.map((name) => `<th>${text(name)}</th>`).join("");
  const rows = counts.map((row, i) => {
    const all = sum(row);
    const cells = row.map((count) => {
      const part = all === 0 ? 0 : count / all;
      return `<td style="--share:${(0.55 * part).toFixed(3)}">${areMany && count === 0 ? "" : number(count)}</td>`;
    });
    const recall = all === 0 ? "" : `${(100 * ((row[i] ?? 0) / all)).toFixed(1)} %`;
    return `<tr><th scope="row">${text(names[i] ?? "")}</th>${cells.join("")}<td style="--share:0">${recall}</td></tr>`;
  });
  return `<div class="scroll"><table class="matrix${areMany ? " many" : ""}"><thead><tr><th>true ↓ predicted →</th>${head}<th>recall</th></tr></thead>
<tbody>${rows.join("\n")}</tbody></table></div>`;
}

function numbers(of: NumbersReport): string {
  return charts([
    [`Predicted against true ${of.target}; on the dashed line there is no error`, predictedAgainstTrue(of)],
    ["Residuals: what is left, by what was predicted", residuals(of)],
  ]);
}

function importance({ importance: of, importanceOf }: ReportData): string {
  const [first] = of;
  if (first === undefined) return "";
  const title = `Each column's values shuffled among the test rows, ${first.repeats} times`;
  return charts([[title, importanceBars(of, importanceOf)]]);
}

function worst(of: WorstExamples | undefined): string {
  if (of === undefined) return "";
  const { columns, rows, wrong, isNumber } = of;
  const count = `${number(wrong)} of ${number(of.of)} test rows ${wrong === 1 ? "was" : "were"} wrong`;
  if (rows.length === 0)
    return `<p>${isNumber ? "Every prediction was exact." : "No test row was wrong."}</p>`;
  const least = isNumber
    ? "The test rows whose predictions were furthest off, with the columns that matter most."
    : `${count}; below are those whose true class was thought least likely, with the columns that matter most.`;
  const head = columns.map((name) => `<th>${text(name)}</th>`).join("");
  const body = rows.map((row) => `<tr>${row.map((cell) => `<td>${text(cell)}</td>`).join("")}</tr>`);
  return `<p class="note">${least}</p>
<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${body.join("\n")}</tbody></table></div>`;
}

function decisions({ decisions: of, columns, rows }: ReportData): string {
  const items = of.map(({ what, why }) => `<dt>${text(what)}</dt><dd>${text(why)}</dd>`);
  const used = `${number(rows.training)} rows for training, ${number(rows.validation)} for validation, ${number(rows.test)} for the test`;
  const body = columns.map(
    ({ name, type, use, missing, summary }) =>
      `<tr><td>${text(name)}</td><td>${text(type)}</td><td>${text(use)}</td><td class="number">${number(missing)}</td><td>${text(summary)}</td></tr>`,
  );
  return `<dl>${items.join("\n")}<dt>rows</dt><dd>${used}</dd></dl>
<details open><summary>${number(columns.length)} columns</summary><div class="scroll"><table class="columns"><thead><tr><th>column</th><th>type</th><th>becomes</th>
<th class="number">missing</th><th>values</th></tr></thead><tbody>${body.join("\n")}</tbody></table></div></details>`;
}

function networks(kinds: readonly NetworkKind[]): string {
  const each = kinds.map((kind) => {
    const name = kindName(kind, kinds);
    return `${name === "" ? "" : `<p class="note">${text(name)}:</p>`}<pre>${text(kind.summary)}</pre>`;
  });
  const count = kinds.reduce((sum, { numbers }) => sum + numbers.length, 0);
  const which = kinds.length === 1 ? `${count} such networks` : `${count} networks`;
  const averaged = `<p class="note">${which}, each from other rows; their answers are averaged.</p>`;
  return `${each.join("\n")}${count === 1 ? "" : averaged}`;
}

function again({ command, configuration, math }: ReportData): string {
  const where = math === "exact" ? "" : " and with the same engine";
  return `<p>This command gives the same model, to the bit, from the same file${where}:</p><pre class="wrap">${text(command)}</pre>
<details><summary>Configuration</summary><pre>${text(configuration)}</pre></details>`;
}

function sum(of: readonly number[]): number {
  return of.reduce((total, count) => total + count, 0);
}
