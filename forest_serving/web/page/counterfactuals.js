// The nearest change of answer in each feature: a sentence for each, and a click applies it.

import { colourOf } from "./colours.js";
import { h } from "./dom.js";
import { swatch } from "./swatch.js";
import { valueInWords } from "./words.js";

export class Counterfactuals {
  #model;
  #row;
  #title = h("h3", { tabIndex: -1 }, "What would change it");
  #list = h("ul", { className: "changes", role: "list" });

  constructor(model, row) {
    this.#model = model;
    this.#row = row;
    this.node = h("div", {}, this.#title, this.#list);
  }

  /** Show those of an explanation, as the server gives it, of values. */
  show({ counterfactuals, values }) {
    const hadFocus = this.#list.contains(document.activeElement);
    const lines = counterfactuals.map((found) => h("li", {}, this.#button(found, values)));
    if (!lines.length) lines.push(h("li", { className: "hint" }, "No change of one feature alone."));
    this.#list.replaceChildren(...lines);
    if (hadFocus) this.#title.focus();  // the button that was pressed is gone
  }

  #button({ feature: name, value, prediction }, values) {
    const index = this.#model.features.findIndex((feature) => feature.name === name);
    const position = this.#model.classes.findIndex(({ label }) => label === prediction);
    const apply = () => this.#row.set(index, value);
    return h("button", { className: "button", type: "button", onclick: apply },
      change(this.#model.features[index], values[index], value),
      h("span", { className: "unseen" }, " gives "), h("span", { "aria-hidden": "true" }, " → "),
      swatch(colourOf(this.#model, position)), this.#model.classes[position].words);
  }
}

/** Return "width above 0.8 cm", or "contract = monthly". */
function change(feature, now, value) {
  const told = valueInWords(value, feature);
  if (feature.categories.length || now === null) return `${feature.words} = ${told}`;
  return `${feature.words} ${value > now ? "above" : "below"} ${told}`;
}
