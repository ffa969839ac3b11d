import { pageElement } from "../page-element.js";

/** Why nothing can be trained now, if that is so; "broken": until the page is loaded anew. */
export type Obstacle = "none" | "no examples" | "wrong settings" | "broken";

/** Start, which is Pause while training, and what else needs a network. */
export class RunControls {
  readonly #start = pageElement("start", HTMLButtonElement);
  readonly #others = ["step", "check-gradients"].map((id) => pageElement(id, HTMLButtonElement));
  #obstacle: Obstacle = "none";
  #training = false;

  get training(): boolean {
    return this.#training;
  }

  get obstacle(): Obstacle {
    return this.#obstacle;
  }

  set obstacle(obstacle: Obstacle) {
    if (this.#obstacle !== "broken") this.#obstacle = obstacle;
    this.#enable();
  }

  showTraining(): void {
    this.#show(true, "Pause");
  }

  /** @param startText - what Start does next */
  showRest(startText: string): void {
    this.#show(false, startText);
  }

  #show(training: boolean, text: string): void {
    this.#training = training;
    this.#start.textContent = text;
    this.#start.classList.toggle("running", training);
    this.#enable();
  }

  /** What runs can be paused, whatever the settings say meanwhile. */
  #enable(): void {
    const isImpossible = this.#obstacle !== "none";
    this.#start.disabled = isImpossible && !this.#training;
    for (const button of this.#others) button.disabled = isImpossible;
  }
}
