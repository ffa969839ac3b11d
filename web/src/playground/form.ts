import { pageElement } from "../page-element.js";
import type { DataSet } from "./data-set.js";
import { DATA_NAMES, type DataName, dataSetRow, type Task } from "./data-sets.js";
import { LayerEditor } from "./layer-editor.js";
import { fittingLosses } from "./losses.js";
import { ParameterFields } from "./parameter-fields.js";
import { lossParameters, optimizerParameters, parametersOfSchedule, writeValue } from "./parameters.js";
import {
  type Choices,
  choicesOf,
  givenBefore,
  isRelevant,
  type Problem,
  parametersOf,
  readChoices,
  readSettings,
  SETTING_NAMES,
  type SettingName,
  type Settings,
  writeSetting,
} from "./settings.js";

/** The form of settings: its controls bear the settings' names. */
export class SettingsForm {
  readonly #form: HTMLFormElement;
  readonly #layers: LayerEditor;
  readonly #parameters = {
    loss: new ParameterFields(pageElement("loss-parameters", HTMLElement)),
    optimizer: new ParameterFields(pageElement("optimizer-parameters", HTMLElement)),
    schedule: new ParameterFields(pageElement("schedule-parameters", HTMLElement)),
  };
  /** The data set that was chosen last, of each task. */
  readonly #chosen: Record<Task, DataName> = { classes: "spiral", numbers: "wave" };

  constructor(form: HTMLFormElement, settings: Settings) {
    this.#form = form;
    for (const name of SETTING_NAMES) this.#fillSelect(name);
    this.#listDataSets(dataSetRow(settings.data).task);
    for (const name of SETTING_NAMES) this.#control(name).value = writeSetting(settings, name);
    this.#layers = new LayerEditor(
      pageElement("hidden-layers", HTMLInputElement),
      pageElement("layer-list", HTMLElement),
      pageElement("add-layer", HTMLButtonElement),
    );
    form.addEventListener("submit", (event) => event.preventDefault());
    const task = pageElement("task", HTMLSelectElement);
    // Before the form hears of it, so that it reads the data set of this task.
    task.addEventListener("input", () => this.#chooseTask(task.value === "numbers" ? "numbers" : "classes"));
    // Where they stand below the plane, most of them are folded, so that the results aren't far.
    if (!matchMedia("(width >= 700px)").matches) {
      for (const group of [...form.querySelectorAll("details")].slice(1)) group.open = false;
    }
    this.#showRelevant(settings);
    for (const [name, value] of Object.entries(settings.parameters)) {
      const control = this.#controlNamed(name);
      if (control !== undefined) control.value = writeValue(value);
    }
  }

  /** What the controls say. What is wrong is said beside the control; where that has no effect, it doesn't count. */
  read(): { settings: Settings; problems: readonly Problem[] } {
    this.#showRelevant(readChoices((name) => this.#textOf(name)).choices);
    const { settings, problems: all } = readSettings((name) => this.#textOf(name));
    const problems = all.filter(({ name }) => this.#fieldOf(name)?.hidden === false);
    const names = [...SETTING_NAMES, ...parametersOf(settings).map(({ name }) => name)];
    for (const name of names) {
      this.#showFault(
        name,
        problems.find((problem) => problem.name === name),
      );
    }
    return { settings, problems };
  }

  /** Lists the losses that fit these data. Returns whether another was chosen, in whose place the usual one is. */
  offerLosses(data: DataSet): boolean {
    const select = this.#control("loss");
    const losses = fittingLosses(data);
    const before = select.value;
    const chosen = losses.find((name) => name === before) ?? losses[0] ?? "";
    const listed = select instanceof HTMLSelectElement ? [...select.options].map(({ value }) => value) : [];
    if (listed.join() !== losses.join()) select.replaceChildren(...losses.map((name) => new Option(name)));
    select.value = chosen;
    return chosen !== before;
  }

  #showFault(name: string, problem: Problem | undefined): void {
    const [control, field] = [this.#controlNamed(name), this.#fieldOf(name)];
    if (control === undefined || field === undefined) return;
    const id = `fault-${name}`;
    field.querySelector(`#${id}`)?.remove();
    control.setAttribute("aria-invalid", String(problem !== undefined));
    control.removeAttribute("aria-describedby");
    if (problem === undefined) return;
    const fault = document.createElement("p");
    Object.assign(fault, { id, className: "fault", role: "alert", textContent: problem.message });
    field.append(fault);
    control.setAttribute("aria-describedby", id);
    field.closest("details")?.setAttribute("open", "");
  }

  /** The row of a setting: its label, its control and what is wrong with it. */
  #fieldOf(name: string): HTMLElement | undefined {
    const field = this.#controlNamed(name)?.closest(".field");
    return field instanceof HTMLElement ? field : undefined;
  }

  set(name: SettingName, text: string): void {
    if (name === "data") {
      const task = dataSetRow(DATA_NAMES.find((data) => data === text) ?? "spiral").task;
      this.#listDataSets(task);
    }
    this.#control(name).value = text;
    if (name === "hiddenLayers") this.#layers.show();
  }

  #chooseTask(task: Task): void {
    this.#listDataSets(task);
    this.#control("data").value = this.#chosen[task];
  }

  #listDataSets(task: Task): void {
    pageElement("task", HTMLSelectElement).value = task;
    const names = DATA_NAMES.filter((name) => dataSetRow(name).task === task);
    this.#control("data").replaceChildren(...names.map((name) => new Option(dataSetRow(name).label, name)));
  }

  /** Hides what has no effect now, and shows the parameters of what was chosen. */
  #showRelevant(choices: Choices): void {
    for (const name of SETTING_NAMES) {
      const field = this.#fieldOf(name);
      if (field !== undefined) field.hidden = !isRelevant(name, choices);
    }
    const { task, note = "" } = dataSetRow(choices.data);
    this.#chosen[task] = choices.data;
    pageElement("data-note", HTMLElement).textContent = note;
    pageElement("data-note", HTMLElement).hidden = note === "";
    pageElement("noise-value", HTMLOutputElement).value = choices.noise.toFixed(2);
    const given = givenBefore(choices, {});
    this.#parameters.loss.show(lossParameters(choices.loss), given);
    this.#parameters.optimizer.show(optimizerParameters(choices.optimizer), given);
    this.#parameters.schedule.show(parametersOfSchedule(choices.schedule), given);
  }

  /** Where the page lists no choices, they are the settings' own. */
  #fillSelect(name: SettingName): void {
    const control = this.#control(name);
    if (control instanceof HTMLSelectElement && control.options.length === 0)
      control.append(...choicesOf(name).map((value) => new Option(value)));
  }

  #textOf(name: string): string | null {
    return this.#controlNamed(name)?.value ?? null;
  }

  #control(name: SettingName): HTMLInputElement | HTMLSelectElement {
    const control = this.#controlNamed(name);
    if (control !== undefined) return control;
    throw new Error(`form: expected a control named ${name}, got none`);
  }

  #controlNamed(name: string): HTMLInputElement | HTMLSelectElement | undefined {
    const control = this.#form.elements.namedItem(name);
    return control instanceof HTMLInputElement || control instanceof HTMLSelectElement ? control : undefined;
  }
}
