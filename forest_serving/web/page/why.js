// Why the model answers so: what each feature contributes, and what would change the answer.

import { ask, connection, newest } from "./ask.js";
import { Contributions } from "./contributions.js";
import { Counterfactuals } from "./counterfactuals.js";
import { h } from "./dom.js";
import { markedWhileLate } from "./late.js";

const QUICK_MS = 50;  // an answer that can follow a hand that drags

export const applies = (model) => model.explains;

export function mount(root, model, row) {
  new Why(root, model, row).follow();
}

class Why {
  #lastMs = 0;
  #shown = h("div");
  #refusal = h("p", { className: "refused", role: "status", hidden: true });

  constructor(root, model, row) {
    this.row = row;
    this.parts = [new Contributions(model), ...(model.classes.length ? [new Counterfactuals(model, row)] : [])];
    this.#shown.append(...this.parts.map(({ node }) => node));
    root.append(this.#refusal, this.#shown);
    this.explain = newest((values) => this.#explain(values));
    row.addEventListener("change", () => this.follow());
    connection.addEventListener("back", () => this.follow());
  }

  follow() {
    if (!this.row.dragging || this.#lastMs < QUICK_MS) this.explain([...this.row.values]);
  }

  async #explain(values) {
    const started = performance.now();
    try {
      const asked = ask("explain", { instances: [values] });
      const { explanations, predictions, explains } = await markedWhileLate(this.#shown, asked);
      for (const part of this.parts) part.show({ ...explanations[0], prediction: predictions[0], explains, values });
      this.#refusal.hidden = true;
    } catch ({ message }) {
      this.#refusal.textContent = message;
      this.#refusal.hidden = connection.isGone;  // the banner says so already
    }
    this.#shown.classList.toggle("stale", connection.isGone || !this.#refusal.hidden);
    this.#lastMs = performance.now() - started;
  }
}
