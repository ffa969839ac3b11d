import type { Runtime } from "../../../ts/index.js";
import type { Address } from "../address.js";
import { pageElement } from "../page-element.js";
import { CsvChooser } from "./csv-chooser.js";
import { makeDataSet } from "./data-set.js";
import { SettingsForm } from "./form.js";
import { gradientTable } from "./gradient-table.js";
import type { Answer, Request } from "./messages.js";
import { PointEditor } from "./point-editor.js";
import { decodePoints, encodePoints, type Point } from "./points.js";
import { PointsView } from "./points-view.js";
import { type Milestone, milestone, readMilestone, writeMilestone } from "./replay.js";
import { Results } from "./results.js";
import { readSettings, SETTING_NAMES, type Settings, writeSetting } from "./settings.js";

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
  readonly #results = new Results();
  readonly #startButton = pageElement("start", HTMLButtonElement);
  readonly #status = pageElement("status", HTMLElement);
  #settings: Settings;
  #run = 0;
  #epoch = 0;
  #training = false;
  #startsAgain = false;
  /** What was wrong with the opened link. */
  #complaint = "";
  /** What the opened link promises. */
  #promised: Milestone | undefined;
  /** Where the run stopped last. */
  #reached: Milestone | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

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
    this.#worker.addEventListener("error", ({ message }) => this.#say(`The worker failed: ${message}`));
    if (problems.length > 0)
      this.#complaint = ` In the link: ${problems.map(({ message }) => message).join("; ")}.`;
    this.#configure();
  }

  #wireControls(): void {
    const on = (id: string, act: () => void) => pageElement(id, HTMLElement).addEventListener("click", act);
    on("start", () => (this.#training ? this.#ask({ type: "pause" }) : this.#start()));
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
      this.#say(problems.map(({ message }) => message).join("; "));
      return;
    }
    this.#settings = settings;
    this.#promised = undefined;
    this.#showData();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#startsAgain = this.#training;
      this.#configure();
    }, delay);
  }

  #showData(): ReturnType<typeof makeDataSet> {
    const data = makeDataSet(this.#settings, this.#editor.points);
    const drawing = this.#settings.data === "points";
    this.#editor.enabled = drawing;
    pageElement("drawing", HTMLElement).hidden = !drawing;
    this.#pointsView.show(data);
    const key = pageElement("class-key", HTMLElement);
    key.querySelectorAll<HTMLElement>("[data-class]").forEach((item, label) => {
      item.hidden = label >= data.classes;
    });
    return data;
  }

  /** A new network as the settings have it. */
  #configure(): void {
    clearTimeout(this.#timer);
    this.#run += 1;
    this.#epoch = 0;
    this.#reached = undefined;
    this.#setTraining(false);
    this.#results.clear();
    pageElement("gradient-result", HTMLElement).replaceChildren();
    const data = this.#showData();
    const empty = data.train.labels.length === 0;
    for (const id of ["start", "step", "check-gradients"])
      pageElement(id, HTMLButtonElement).disabled = empty;
    if (empty) this.#say("No points yet: draw some on the plane, or open a CSV file.");
    this.#updateAddress();
    this.#ask({ type: "configure", run: this.#run, settings: this.#settings, data });
  }

  #start(): void {
    const { epochs } = this.#settings;
    const promised = this.#promised?.epoch ?? 0;
    const until = promised > this.#epoch ? promised : this.#epoch < epochs ? epochs : this.#epoch + epochs;
    this.#setTraining(true);
    this.#say("Training…");
    this.#ask({ type: "start", until });
  }

  #step(): void {
    if (this.#training) return;
    this.#setTraining(true);
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
    else if (answer.type === "stopped") this.#stopped(answer.epoch, answer.fingerprint);
    else if (answer.type === "gradientsChecked") {
      pageElement("gradient-result", HTMLElement).replaceChildren(...gradientTable(answer.findings));
    } else if (answer.type === "snapshot") {
      this.#epoch = answer.snapshot.epoch;
      this.#results.show(answer.snapshot, () => this.#ask({ type: "drawn" }));
    } else {
      this.#setTraining(false);
      this.#say(answer.message);
    }
  }

  #ready({ layerDims, parameterCount, runtime, fingerprint: first }: Answer & { type: "ready" }): void {
    this.#onRuntime(runtime);
    this.#showFingerprint(0, first);
    pageElement("network-summary", HTMLElement).textContent =
      `${layerDims.join(" → ")}, ${parameterCount.toLocaleString("en")} parameters`;
    if (this.#promised !== undefined) {
      const { epoch, fingerprint } = this.#promised;
      this.#say(
        `This link holds a run of ${epochsOf(epoch)} (fingerprint ${fingerprint}). Start replays it.`,
      );
    } else this.#say(`Ready.${this.#complaint}`);
    this.#complaint = "";
    if (this.#startsAgain) this.#start();
    this.#startsAgain = false;
  }

  #stopped(epoch: number, fingerprint: string | undefined): void {
    this.#epoch = epoch;
    this.#showFingerprint(epoch, fingerprint);
    this.#results.finish();
    this.#setTraining(false);
    this.#reached = fingerprint === undefined || epoch === 0 ? undefined : milestone(epoch, fingerprint);
    this.#updateAddress();
    const finished = epoch > 0 && epoch % this.#settings.epochs === 0 ? "Finished" : "Paused";
    this.#say(`${finished} after ${epochsOf(epoch)}.${this.#verdict()}`);
  }

  #showFingerprint(epoch: number, fingerprint: string | undefined): void {
    const output = pageElement("fingerprint", HTMLOutputElement);
    output.value = fingerprint ?? "needs a secure page (https)";
    output.setAttribute("data-epoch", String(epoch));
  }

  /** Whether a replay became what the link promised. */
  #verdict(): string {
    if (this.#promised === undefined || this.#reached?.epoch !== this.#promised.epoch) return "";
    return this.#reached.fingerprint === this.#promised.fingerprint
      ? " Replayed to the bit: the fingerprint is the link’s."
      : ` The fingerprint isn’t the link’s (${this.#promised.fingerprint}).`;
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
    const parameters = SETTING_NAMES.map((name) => [name, writeSetting(this.#settings, name)] as const);
    const run = this.#reached ?? this.#promised;
    const points: readonly Point[] = this.#settings.data === "points" ? this.#editor.points : [];
    this.#address.set("playground", [
      ...parameters,
      ...(points.length > 0 ? [["points", encodePoints(points)] as const] : []),
      ...(run === undefined ? [] : [["run", writeMilestone(run)] as const]),
    ]);
  }

  #setTraining(training: boolean): void {
    this.#training = training;
    this.#startButton.textContent = training ? "Pause" : "Start";
    this.#startButton.classList.toggle("running", training);
  }

  #ask(request: Request): void {
    this.#worker.postMessage(request);
  }

  #say(text: string): void {
    this.#status.textContent = text;
  }
}

function epochsOf(count: number): string {
  return `${count.toLocaleString("en")} ${count === 1 ? "epoch" : "epochs"}`;
}
