// What each feature adds to the answer, as bars.

import { Bars } from "./bars.js";
import { colourOf } from "./colours.js";
import { h } from "./dom.js";
import { explained, hasOneScore, predictedBy } from "./explanation.js";
import { count, valueInWords } from "./words.js";

const FEW = 12;  // bars, before somebody asks for all
const PREDICTED = "";  // in the drop-down: whichever it is

export class Contributions {
  #model;
  #bars = new Bars();
  #sum = h("p", { className: "sum" });
  #more = h("button", { className: "button", type: "button", onclick: () => this.#toggle() });
  #select;
  #field;
  #showsAll = false;
  #explanation;

  constructor(model) {
    this.#model = model;
    this.#select = selectOf(model, () => this.#draw());
    this.#field = h("p", { className: "class" }, h("label", {}, "What speaks for ", this.#select));
    this.#more.hidden = model.features.length <= FEW;
    this.node = h("div", {}, this.#field, this.#sum, this.#bars.node, this.#more);
  }

  /** Show an explanation, as the server gives it, of values. */
  show(explanation) {
    this.#explanation = explanation;
    this.#draw();
  }

  #toggle() {
    this.#showsAll = !this.#showsAll;
    this.#draw();
  }

  #draw() {
    const { value } = this.#select;
    const found = explained(this.#model, this.#explanation, value === PREDICTED ? undefined : Number(value));
    found.write = writerFor(found.parts);
    this.#sum.replaceChildren(...sumOf(found));
    this.#drawField();
    this.#drawBars(found);
  }

  #drawField() {
    const { classes } = this.#model;
    this.#field.hidden = classes.length < 2 || hasOneScore(this.#model, this.#explanation);
    if (this.#field.hidden) return;
    const { words } = classes[predictedBy(this.#model, this.#explanation)];
    this.#select.options[0].text = `the answer, ${words}`;
  }

  #drawBars(found) {
    const sizes = found.parts.map(Math.abs);
    const order = [...sizes.keys()].sort((one, other) => sizes[other] - sizes[one]);
    const shown = this.#showsAll ? order : order.slice(0, FEW);
    const largest = sizes[order[0]];
    this.#bars.show(shown.map((k) => this.#bar(k, found)), { largest, signed: true });
    this.#more.textContent = this.#showsAll ? `Show the ${FEW} largest` : `Show all ${count(order.length, "feature")}`;
  }

  #bar(k, { parts, position, write }) {
    const feature = this.#model.features[k];
    const colour = parts[k] < 0 ? "var(--muted)" : colourOf(this.#model, position);
    const label = `${feature.words} ${valueInWords(this.#explanation.values[k], feature)}`;
    return { label, value: parts[k], text: write(parts[k], "exceptZero"), colour };
  }
}

function selectOf({ classes }, changed) {
  const names = classes.map(({ words }, k) => h("option", { value: k }, words));
  return h("select", { onchange: changed }, h("option", { value: PREDICTED }), names);
}

function sumOf({ base, parts, of, write }) {
  const added = parts.reduce((sum, part) => sum + part, 0);
  const contributions = `${added < 0 ? "−" : "+"} contributions ${write(Math.abs(added))}`;
  return [`base ${write(base)} ${contributions} = `, h("strong", {}, write(base + added)), `, ${of}`];
}

// All with as many decimals as the largest part needs for three digits, so that they can be compared and added.
function writerFor(parts) {
  const largest = Math.max(...parts.map(Math.abs)) || 1;
  const digits = Math.min(Math.max(2 - Math.floor(Math.log10(largest)), 0), 20);
  const form = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return (x, signDisplay = "auto") => x.toLocaleString("en", { ...form, signDisplay }).replace("-", "−");
}
