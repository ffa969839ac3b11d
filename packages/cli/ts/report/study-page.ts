// A study's report as one HTML file that needs nothing else: no script, no network.
import { type JournaledStudy, parameterText, type Trial } from "@layerwise/cluster";
import { configurationText } from "../terminal/study-board.js";
import { VERSION } from "../version.js";
import { type Chart, charts, documentOf, section, text } from "./html.js";
import { number } from "./number.js";
import { curvesChart, historyChart, importanceChart, parallelChart, sliceChart } from "./study-charts.js";
import { importanceOf } from "./study-importance.js";
import { canonicalValue } from "./study-values.js";

type Done = Trial & { readonly value: number };

/** Fewer trials tell nothing of parameters. */
const LEAST_TRIALS = 8;
const MOST_ROWS = 25;

/** The whole file. `command`: what trains the best configuration, where there is one. */
export function studyPage(read: JournaledStudy, command: string | undefined): string {
  const { study, trials, best } = read;
  const done = trials.filter((trial): trial is Done => trial.value !== undefined);
  return documentOf(
    study.name,
    `<h1>${text(study.name)}</h1>
<p class="lead">${text(leadOf(read))}</p>
${best === undefined || command === undefined ? `<p class="note">No training succeeded yet.</p>` : bestPart(read, best, command)}
${done.length < 2 ? "" : section("How the search went", charts(searchCharts(read, done)))}
${section("Parameters", parameters(read, done))}
${section("Trials", trialTable(read, done))}
${section("Failed", failures(trials))}
${section("The study", `<pre>${text(JSON.stringify(study.study, null, 2))}</pre><p class="note">Build ${text(study.build)}.</p>`)}`,
    VERSION,
  );
}

function leadOf({ study, trials, end, open, seconds }: JournaledStudy): string {
  const method = study.study.method;
  const name = typeof method === "object" ? method.type : (method ?? "tpe");
  const how = end === undefined ? `${number(open)} trainings are not done yet` : `ended by its ${end.reason}`;
  const each = study.trainings === 1 ? "" : ` of ${study.trainings} trainings each`;
  return `${number(trials.length)} trials${each} by ${name}, of which the ${study.direction === "minimize" ? "least" : "largest"} ${study.metric} counts; ${number(Math.round(seconds))} s; ${how}.`;
}

function bestPart({ study }: JournaledStudy, best: Trial, command: string): string {
  const items = [
    [
      study.metric,
      number(best.value ?? Number.NaN),
      `trial ${best.trial}, on rows that it wasn't trained on`,
    ],
    ...Object.entries(best.configuration).map(([name, value]) => [name, canonicalValue(value), "best found"]),
  ];
  const cards = items.map(
    ([name = "", value = "", note = ""]) =>
      `<li><span>${text(name)}</span><b>${text(value)}</b><span>${text(note)}</span></li>`,
  );
  return `<ul class="scores">${cards.join("\n")}</ul>
${section("Train it", `<p>On all rows but the test's, which no trial has seen:</p><pre class="wrap">${text(command)}</pre>`)}`;
}

function searchCharts({ study, trials, best }: JournaledStudy, done: readonly Done[]): Chart[] {
  return [
    ["Each trial, and the best so far", historyChart(done, study.metric, study.direction === "minimize")],
    ["Losses on validation rows by epoch, of all trials", curvesChart(trials, best?.trial ?? -1)],
  ];
}

function parameters({ study, best }: JournaledStudy, done: readonly Done[]): string {
  const space = Object.entries(study.study.space ?? {});
  if (space.length === 0 || done.length < 2) return "";
  const isLess = study.direction === "minimize";
  const slices = space.map(
    ([name, parameter]): Chart => [
      `${study.metric} by ${name} (${parameterText(parameter)})`,
      sliceChart(name, parameter, done, study.metric, best?.trial ?? -1),
    ],
  );
  // A line needs all its points: of trials that have every parameter.
  const always = space.filter(([name]) =>
    done.every(({ configuration }) => configuration[name] !== undefined),
  );
  const parallel = parallelChart(always, done, study.metric, isLess);
  const wide = `<figure><figcaption>Each line is a trial; the best tenth stands out</figcaption>${parallel}</figure>`;
  if (done.length < LEAST_TRIALS) return `${wide}<div style="height:18px"></div>${charts(slices)}`;
  const importance = importanceOf(
    space.map(([name]) => name),
    done,
  );
  const first: Chart = [
    "How much of the trials' differences goes with one parameter alone (ε² of ranks)",
    importanceChart(importance),
  ];
  return `${wide}<div style="height:18px"></div>${charts([first, ...slices])}`;
}

function trialTable({ study }: JournaledStudy, done: readonly Done[]): string {
  const sign = study.direction === "minimize" ? 1 : -1;
  const order = [...done].sort((a, b) => b.rung - a.rung || sign * (a.value - b.value) || a.trial - b.trial);
  const names = Object.keys(study.study.space ?? {});
  const hasRungs = order.some(({ rung }) => rung > 0);
  const head = ["trial", ...(hasRungs ? ["rung"] : []), study.metric, "epochs", ...names];
  const rows = order.slice(0, MOST_ROWS).map(({ trial, rung, value, configuration, results }) => {
    const epochs = results.map((one) => (one.state === "done" ? one.epochs : 0));
    return [
      ...[`${trial}`, ...(hasRungs ? [`${rung}`] : []), number(value), epochs.join(", ")],
      ...names.map((name) => canonicalValue(configuration[name])),
    ];
  });
  const more =
    order.length > MOST_ROWS ? `<p class="note">The best ${MOST_ROWS} of ${number(order.length)}.</p>` : "";
  return rows.length === 0 ? "" : `${table(head, rows)}${more}`;
}

function failures(trials: readonly Trial[]): string {
  const rows = trials.flatMap(({ trial, configuration, results }) => {
    const failed = results.find((one) => one.state === "failed");
    return failed?.state === "failed"
      ? [[`${trial}`, configurationText(configuration), `${failed.error.name}: ${failed.error.message}`]]
      : [];
  });
  return rows.length === 0 ? "" : table(["trial", "configuration", "error"], rows.slice(0, MOST_ROWS));
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[], tag: "th" | "td") =>
    `<tr>${cells.map((cell) => `<${tag}>${text(cell)}</${tag}>`).join("")}</tr>`;
  return `<div class="scroll"><table><thead>${row(head, "th")}</thead><tbody>${rows.map((one) => row(one, "td")).join("\n")}</tbody></table></div>`;
}
