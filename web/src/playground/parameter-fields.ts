import { helpFor } from "../help.js";
import { type Given, type Parameter, writeValue } from "./parameters.js";

/** The fields of parameters that follow from a choice, such as those of an optimizer. */
export class ParameterFields {
  readonly #place: HTMLElement;
  readonly #fields = new Map<string, HTMLElement>();

  constructor(place: HTMLElement) {
    this.#place = place;
  }

  /** Shows a field for each; what nobody has changed becomes what it usually is beside `given`. */
  show(parameters: readonly Parameter[], given: Given): void {
    const names = parameters.map(({ name }) => name);
    if (names.join() !== [...this.#fields.keys()].join()) this.#build(parameters);
    let before = given;
    for (const { name, initial, read } of parameters) {
      const control = this.control(name);
      if (control === undefined) continue;
      const usual = writeValue(initial(before));
      if (control.value === control.getAttribute("data-usual") || !control.hasAttribute("data-usual"))
        control.value = usual;
      control.setAttribute("data-usual", usual);
      const value = read(control.value);
      if (value !== undefined) before = { ...before, [name]: value };
    }
  }

  control(name: string): HTMLInputElement | HTMLSelectElement | undefined {
    return (
      this.#fields.get(name)?.querySelector<HTMLInputElement | HTMLSelectElement>("input, select") ??
      undefined
    );
  }

  /** Those that stay keep what was typed into them. */
  #build(parameters: readonly Parameter[]): void {
    const kept = new Map(this.#fields);
    this.#fields.clear();
    for (const parameter of parameters) {
      const old = kept.get(parameter.name);
      this.#fields.set(parameter.name, old?.dataset.label === parameter.label ? old : fieldOf(parameter));
    }
    this.#place.replaceChildren(...this.#fields.values());
  }
}

function fieldOf({ name, label, kind, expected }: Parameter): HTMLElement {
  const field = document.createElement("div");
  field.className = "field";
  field.dataset.label = label;
  const text = document.createElement("label");
  text.htmlFor = name;
  text.textContent = label;
  const labelled = document.createElement("span");
  labelled.className = "labelled";
  labelled.append(text, helpFor(name, label, `${label}: ${expected}.`));
  field.append(labelled, controlOf(name, kind));
  return field;
}

function controlOf(name: string, kind: Parameter["kind"]): HTMLElement {
  if (kind === "switch") {
    const select = document.createElement("select");
    Object.assign(select, { id: name, name });
    select.append(new Option("off", "0"), new Option("on", "1"));
    return select;
  }
  const input = document.createElement("input");
  Object.assign(input, { id: name, name, type: kind === "list" ? "text" : "number", step: "any" });
  return input;
}
