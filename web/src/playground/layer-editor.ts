import { MAX_HIDDEN_LAYERS, MAX_WIDTH } from "./fields.js";

/** A list of number fields, one a hidden layer, behind the one text (`16,16`) that the form holds. */
export class LayerEditor {
  readonly #text: HTMLInputElement;
  readonly #list: HTMLElement;
  readonly #add: HTMLButtonElement;

  constructor(text: HTMLInputElement, list: HTMLElement, add: HTMLButtonElement) {
    this.#text = text;
    this.#list = list;
    this.#add = add;
    add.addEventListener("click", () => {
      this.#change([...this.#widths(), this.#widths().at(-1) ?? "8"]);
      this.#list.querySelector<HTMLInputElement>("li:last-child input")?.focus();
    });
    this.show();
  }

  /** Takes the fields from the text. */
  show(): void {
    const widths = this.#widths();
    this.#list.replaceChildren(...widths.map((width, i) => this.#item(width, i)));
    this.#add.disabled = widths.length >= MAX_HIDDEN_LAYERS;
  }

  #item(width: string, i: number): HTMLLIElement {
    const field = document.createElement("input");
    Object.assign(field, {
      type: "number",
      min: "1",
      max: String(MAX_WIDTH),
      value: width,
      required: true,
      className: "units",
    });
    field.setAttribute("aria-label", `Units of hidden layer ${i + 1}`);
    field.addEventListener("input", () => {
      this.#text.value = this.#widths()
        .map((old, at) => (at === i ? field.value : old))
        .join(",");
      // The field's own input event goes up to the form.
    });
    const remove = document.createElement("button");
    Object.assign(remove, { type: "button", textContent: "×", className: "quiet" });
    remove.setAttribute("aria-label", `Remove hidden layer ${i + 1}`);
    remove.addEventListener("click", () => {
      this.#change(this.#widths().filter((_, at) => at !== i));
      this.#add.focus();
    });
    const item = document.createElement("li");
    item.append(field, remove);
    return item;
  }

  #widths(): string[] {
    return this.#text.value === "" ? [] : this.#text.value.split(",");
  }

  #change(widths: readonly string[]): void {
    this.#text.value = widths.join(",");
    this.show();
    this.#text.dispatchEvent(new Event("input", { bubbles: true }));
  }
}
