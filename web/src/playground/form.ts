import { pageElement } from "../page-element.js";
import { LayerEditor } from "./layer-editor.js";
import {
  choicesOf,
  type Problem,
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

  constructor(form: HTMLFormElement, settings: Settings) {
    this.#form = form;
    for (const name of SETTING_NAMES) this.#fillSelect(name);
    for (const name of SETTING_NAMES) this.#control(name).value = writeSetting(settings, name);
    this.#layers = new LayerEditor(
      pageElement("hidden-layers", HTMLInputElement),
      pageElement("layer-list", HTMLElement),
      pageElement("add-layer", HTMLButtonElement),
    );
    form.addEventListener("submit", (event) => event.preventDefault());
    // Where they stand below the plane, most of them are folded, so that the results aren't far.
    if (!matchMedia("(width >= 700px)").matches) {
      for (const group of [...form.querySelectorAll("details")].slice(1)) group.open = false;
    }
    this.#showRelevant(settings);
  }

  /** What the controls say. What is wrong is said beside the control; where that has no effect, it doesn't count. */
  read(): { settings: Settings; problems: readonly Problem[] } {
    const { settings, problems: all } = readSettings((name) => this.#control(name).value);
    this.#showRelevant(settings);
    const problems = all.filter(({ name }) => !this.#fieldOf(name).hidden);
    for (const name of SETTING_NAMES) {
      this.#showFault(
        name,
        problems.find((problem) => problem.name === name),
      );
    }
    return { settings, problems };
  }

  #showFault(name: SettingName, problem: Problem | undefined): void {
    const [control, field] = [this.#control(name), this.#fieldOf(name)];
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
  #fieldOf(name: SettingName): HTMLElement {
    const field = this.#control(name).closest(".field");
    if (field instanceof HTMLElement) return field;
    throw new Error(`form: expected ${name} in a .field, got none`);
  }

  set(name: SettingName, text: string): void {
    this.#control(name).value = text;
    if (name === "hiddenLayers") this.#layers.show();
  }

  /** Hides what has no effect now: `data-when="optimizer:momentum,adam"` shows a part for those only. */
  #showRelevant(settings: Settings): void {
    for (const part of this.#form.querySelectorAll<HTMLElement>("[data-when]")) {
      const [name = "", values = ""] = (part.getAttribute("data-when") ?? "").split(":");
      const value = SETTING_NAMES.find((each) => each === name);
      part.hidden = value === undefined || !values.split(",").includes(writeSetting(settings, value));
    }
    const noise = pageElement("noise-value", HTMLOutputElement);
    noise.value = settings.noise.toFixed(2);
    const beta = pageElement("beta1-label", HTMLElement);
    beta.textContent = settings.optimizer === "adam" ? "β₁" : "β";
  }

  /** Where the page lists no choices, they are the settings' own. */
  #fillSelect(name: SettingName): void {
    const control = this.#control(name);
    if (control instanceof HTMLSelectElement && control.options.length === 0)
      control.append(...choicesOf(name).map((value) => new Option(value)));
  }

  #control(name: SettingName): HTMLInputElement | HTMLSelectElement {
    const control = this.#form.elements.namedItem(name);
    if (control instanceof HTMLInputElement || control instanceof HTMLSelectElement) return control;
    throw new Error(`form: expected a control named ${name}, got none`);
  }
}
