import type { Runtime } from "../../../ts/index.js";
import type { Address } from "../address.js";
import { type Failure, failureOf, NO_WORKER, sentenceOf } from "../failure.js";
import { wholeNumber } from "../numbers.js";
import { pageElement } from "../page-element.js";
import { loadBlocks } from "./blocks.js";
import { Course } from "./course.js";
import { CsvChooser } from "./csv-chooser.js";
import { type DataSet, makeDataSet } from "./data-set.js";
import { isDrawn } from "./data-sets.js";
import { SettingsForm } from "./form.js";
import { gradientTable } from "./gradient-table.js";
import { showKey } from "./key.js";
import type { Answer, Request } from "./messages.js";
import { PointEditor } from "./point-editor.js";
import { decodePoints, encodePoints, type Point } from "./points.js";
import { PointsView } from "./points-view.js";
import { type Milestone, readMilestone, writeMilestone } from "./replay.js";
import { Results } from "./results.js";
import { RunControls } from "./run-controls.js";
import { readSettings, type Settings, writeSettings } from "./settings.js";

/** Waits this long for more changes before a new network is made. */
const DELAY = 150;

/** The first tab: what the controls say goes to the worker, what the worker answers is shown. */
export class Playground {
  readonly #address: Address;
  readonly #onRuntime: (runtime: Runtime) => void;
  readonly #worker = new Worker(new URL("./worker.ts", import.meta.url), {
    type: "module",
    name: "playground",
  });
  readonly #form: SettingsForm;
  readonly #editor: PointEditor;
  readonly #pointsView = new PointsView(pageElement("points", HTMLCanvasElement));
  readonly #results = new Results(this.#pointsView);
  readonly #controls = new RunControls();
  readonly #status = pageElement("status", HTMLElement);
  #settings: Settings;
  #run = 0;
  #startsAgain = false;
  /** What was wrong with the opened link. */
  #complaint = "";
  /** What the opened link promises. */
  #promised: Milestone | undefined;
  #course = new Course(0, undefined);
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** California's, once they are there. */
  #blocks: Float32Array | undefined;

  constructor(address: Address, onRuntime: (runtime: Runtime) => void) {
    this.#address = address;
    this.#onRuntime = onRuntime;
    const { settings, problems } = readSettings((name) => address.opened(name));
    this.#settings = settings;
    this.#promised = readMilestone(address.opened("run") ?? "");
    this.#form = new SettingsForm(pageElement("settings", HTMLFormElement), settings);
    const points = decodePoints(address.opened("points") ?? "") ?? [];
    this.#editor = new PointEditor(pageElement("points", HTMLCanvasElement), points, {
      chosenClass: () =>
        Number(document.querySelector<HTMLInputElement>("[name=drawnClass]:checked")?.value ?? 0),
      changed: (_, done) => this.#changed(done ? 0 : DELAY),
      cursorMoved: (cursor) => this.#pointsView.showCursor(cursor),
    });
    this.#wireControls();
    this.#worker.addEventListener("message", ({ data }: MessageEvent<Answer>) => this.#receive(data));
    this.#worker.addEventListener("error", ({ message }) => {
      const failure: Failure = { kind: "other", detail: message };
      this.#break(message === undefined ? NO_WORKER : sentenceOf(failure));
    });
    if (problems.length > 0)
      this.#complaint = ` In the link: ${problems.map(({ message }) => message).join(" ")}`;
    this.#configure();
  }

  #wireControls(): void {
    const on = (id: string, act: () => void) => pageElement(id, HTMLElement).addEventListener("click", act);
    on("start", () => (this.#controls.training ? this.#ask({ type: "pause" }) : this.#start()));
    on("step", () => this.#step());
    on("reset", () => this.#configure());
    on("copy-link", () => void this.#copyLink());
    on("check-gradients", () => this.#checkGradients());
    on("undo-point", () => this.#editor.undo());
    on("clear-points", () => this.#editor.replace([]));
    pageElement("settings", HTMLFormElement).addEventListener("input", () => this.#changed(DELAY));
    const pace = pageElement("pace", HTMLSelectElement);
    const tellPace = () => this.#ask({ type: "pace", epochsPerSecond: Number(pace.value) });
    pace.addEventListener("change", tellPace);
    tellPace(); // some browsers keep what was chosen before a reload
    new CsvChooser(pageElement("panel-playground", HTMLElement), ({ points }) => {
      this.#form.set("data", "points");
      this.#editor.replace(points);
    });
  }

  /** Controls or points are others than before: a new network follows, and trains if the old one did. */
  #changed(delay: number): void {
    const { settings, problems } = this.#form.read();
    if (problems.length > 0) {
      clearTimeout(this.#timer);
      this.#controls.obstacle = "wrong settings";
      this.#say(`To be corrected: ${problems.map(({ label }) => label).join(", ")}.`);
      return;
    }
    this.#settings = settings;
    this.#promised = undefined;
    this.#showData();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#startsAgain = this.#controls.training;
      this.#configure();
    }, delay);
  }

  #showData(): DataSet {
    const data = makeDataSet(this.#settings, this.#editor.points, this.#blocks);
    if (this.#form.offerLosses(data)) {
      const { settings, problems } = this.#form.read();
      if (problems.length === 0) this.#settings = settings;
    }
    const drawing = isDrawn(this.#settings.data);
    this.#editor.enabled = drawing;
    pageElement("drawing", HTMLElement).hidden = !drawing;
    for (const part of document.querySelectorAll<HTMLElement>("[data-of-classes]")) {
      part.hidden = data.task !== "classes";
    }
    this.#pointsView.show(data);
    showKey(data);
    return data;
  }

  /** A new network as the settings have it. */
  #configure(): void {
    clearTimeout(this.#timer);
    this.#run += 1;
    this.#course = new Course(this.#settings.epochs, this.#promised);
    this.#controls.showRest(this.#course.startText);
    pageElement("gradient-result", HTMLElement).replaceChildren();
    const data = this.#showData();
    const empty = data.train.labels.length === 0;
    this.#results.clear(data);
    const isWrong = this.#form.read().problems.length > 0; // what was read last stands in
    this.#controls.obstacle = isWrong ? "wrong settings" : empty ? "no examples" : "none";
    if (empty) {
      this.#sayWhyEmpty();
      pageElement("network-summary", HTMLElement).textContent = "–";
    }
    this.#updateAddress();
    this.#ask({ type: "configure", run: this.#run, settings: this.#settings, data });
  }

  #sayWhyEmpty(): void {
    if (this.#settings.data === "california") {
      this.#say("Loading California’s block groups…");
      void this.#loadBlocks();
    } else if (this.#settings.data === "points") {
      this.#say("No points yet: draw some on the plane, or open a CSV file.");
    } else this.#say("No points yet: draw some on the plane.");
  }

  async #loadBlocks(): Promise<void> {
    const run = this.#run;
    try {
      this.#blocks = await loadBlocks();
    } catch (error) {
      if (run === this.#run) this.#say(sentenceOf(failureOf(error)));
      return;
    }
    if (run === this.#run) this.#configure();
  }

  #start(): void {
    this.#controls.showTraining();
    this.#say("Training…");
    this.#ask({ type: "start", until: this.#course.begin() });
  }

  #step(): void {
    if (this.#controls.training) return;
    this.#controls.showTraining();
    this.#course.begin();
    this.#ask({ type: "step" });
  }

  #checkGradients(): void {
    const checking = document.createElement("p");
    checking.textContent = "Moving every parameter up and down…";
    pageElement("gradient-result", HTMLElement).replaceChildren(checking);
    this.#ask({ type: "checkGradients" });
  }

  #receive(answer: Answer): void {
    if (answer.run !== this.#run) return; // of a network that is gone
    if (answer.type === "ready") this.#ready(answer);
    else if (answer.type === "stopped") this.#stopped(answer);
    else if (answer.type === "gradientsChecked") {
      pageElement("gradient-result", HTMLElement).replaceChildren(...gradientTable(answer.findings));
    } else if (answer.type === "snapshot") {
      this.#course.at(answer.snapshot.epoch);
      this.#results.show(answer.snapshot, () => this.#ask({ type: "drawn" }));
    } else this.#failed(answer.failure);
  }

  #failed(failure: Failure): void {
    this.#controls.showRest(this.#course.startText);
    if (failure.kind === "kernels") this.#break(sentenceOf(failure));
    else this.#say(sentenceOf(failure));
  }

  /** For good: only loading the page anew can help. */
  #break(sentence: string): void {
    this.#controls.showRest(this.#course.startText);
    this.#controls.obstacle = "broken";
    this.#say(sentence);
  }

  #ready({ layerDims, parameterCount, runtime }: Answer & { type: "ready" }): void {
    this.#onRuntime(runtime);
    pageElement("network-summary", HTMLElement).textContent =
      `${layerDims.join(" → ")}, ${wholeNumber(parameterCount)} parameters`;
    if (this.#controls.obstacle === "wrong settings") return;
    this.#say(this.#course.promise ?? `Ready.${this.#complaint}`);
    this.#complaint = "";
    if (this.#startsAgain) this.#start();
    this.#startsAgain = false;
  }

  #stopped(stop: Answer & { type: "stopped" }): void {
    this.#course.stopped(stop);
    if (this.#course.goesOn) {
      this.#start();
      return;
    }
    this.#results.finish();
    this.#controls.showRest(this.#course.startText);
    this.#updateAddress();
    this.#say(this.#course.report(stop));
  }

  async #copyLink(): Promise<void> {
    const link = this.#address.link();
    try {
      await navigator.clipboard.writeText(link);
      this.#say("Link copied.");
    } catch {
      this.#say("The browser allows no copying here: the link is in the address bar.");
    }
  }

  #updateAddress(): void {
    const run = this.#course.milestone;
    const points: readonly Point[] = isDrawn(this.#settings.data) ? this.#editor.points : [];
    this.#address.set("playground", [
      ...writeSettings(this.#settings),
      ...(points.length > 0 ? [["points", encodePoints(points)] as const] : []),
      ...(run === undefined ? [] : [["run", writeMilestone(run)] as const]),
    ]);
  }

  #ask(request: Request): void {
    this.#worker.postMessage(request);
  }

  #say(text: string): void {
    this.#status.textContent = text;
  }
}
