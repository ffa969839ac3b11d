import { pageElement } from "../page-element.js";
import { LayerEditor } from "./layer-editor.js";
import {
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
    for (const name of SETTING_NAMES) this.#control(name).value = writeSetting(settings, name);
    this.#layers = new LayerEditor(
      pageElement("hidden-layers", HTMLInputElement),
      pageElement("layer-list", HTMLElement),
      pageElement("add-layer", HTMLButtonElement),
    );
    form.addEventListener("submit", (event) => event.preventDefault());
    this.#showRelevant(settings);
  }

  /** What the controls say, those in the wrong marked as such. */
  read(): { settings: Settings; problems: readonly Problem[] } {
    const reading = readSettings((name) => this.#control(name).value);
    for (const name of SETTING_NAMES) {
      const problem = reading.problems.find((each) => each.name === name);
      this.#control(name).setCustomValidity(problem?.message ?? "");
    }
    this.#showRelevant(reading.settings);
    return reading;
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

  #control(name: SettingName): HTMLInputElement | HTMLSelectElement {
    const control = this.#form.elements.namedItem(name);
    if (control instanceof HTMLInputElement || control instanceof HTMLSelectElement) return control;
    throw new Error(`form: expected a control named ${name}, got none`);
  }
}
