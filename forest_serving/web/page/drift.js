// Whether the latest rows look like the training data: a verdict, and a line for each feature.

import { h } from "./dom.js";
import { binsTable } from "./drift_bins.js";
import { count, shortNumber } from "./words.js";

const LARGE_PSI = 0.5; // as long as a bar gets; from 0.25 on a shift is called large
const MOST_LINES = 12;

/** node shows it. */
export class Drift {
  #verdict = h("p", { role: "status" });
  #list = h("ul", { className: "drifts", role: "list" });
  #more = h("button", { className: "button", type: "button", hidden: true, onclick: () => this.#showAll() });
  #lines = []; // of the features, and at last of the answers, whose name a feature may have
  #limit = MOST_LINES;
  #order = "";

  constructor(model) {
    this.model = model;
    this.node = h("div", {}, h("h3", {}, "Drift from the training data"), this.#verdict, this.#list, this.#more);
  }

  /** Show what GET /drift says. */
  show(report) {
    if (this.#verdict.textContent !== report.verdict) this.#verdict.textContent = report.verdict;
    const columns = [...report.features, report.answers];
    if (!this.#lines.length) this.#lines = columns.map(({ name }, k) => new Line(this.model, k, name));
    columns.forEach((column, k) => this.#lines[k].show(column, report.window));
    this.#sort(columns);
  }

  /** Those that drifted stand first; nothing else moves while one looks. */
  #sort(columns) {
    const rank = (place) => (columns[place].drifted ? 0 : 1);
    const places = [...columns.keys()].sort((one, other) => rank(one) - rank(other));
    const order = places.join(" ");
    const lines = places.map((place) => this.#lines[place].node);
    if (order !== this.#order) this.#list.replaceChildren(...lines);
    this.#order = order;
    lines.forEach((line, place) => { line.hidden = place >= this.#limit; });
    this.#more.hidden = lines.length <= this.#limit;
    this.#more.textContent = `Show all ${count(lines.length, "line")}`;
  }

  #showAll() {
    this.#limit = Infinity;
    for (const { node } of this.#lines) node.hidden = false;
    this.#more.hidden = true;
    this.#list.querySelectorAll("summary")[MOST_LINES].focus();
  }
}

class Line {
  #badge = h("span", {});
  #bar = h("span", { className: "bar" });
  #psi = h("span", { className: "psi" });
  #verdict = h("p");
  #bins; // stays where the table in it becomes a new one: it keeps the focus, and how far it is scrolled
  #details = h("details", { ontoggle: () => this.#open() });

  constructor(model, place, name) {
    this.feature = model.features[place];
    this.classes = this.feature ? [] : model.classes;
    const track = h("span", { className: "bar-track", "aria-hidden": "true" }, this.#bar);
    const title = h("span", { className: "bar-label", title: name }, this.feature?.words ?? "Prediction");
    // tabindex: what scrolls must be reached with the keyboard
    this.#bins = h("div", { className: "scroll", tabIndex: 0, role: "group", ariaLabel: `Values of ${name}` });
    this.#details.append(
      h("summary", {}, title, this.#badge, track, this.#psi), h("div", {}, this.#verdict, this.#bins));
    this.node = h("li", {}, this.#details);
  }

  show(column, window) {
    this.column = column;
    const psi = column.window?.psi ?? null;
    [this.#badge.className, this.#badge.textContent] = badgeOf(column, window);
    this.#bar.parentNode.classList.toggle("none", psi === null);
    this.#bar.style.width = `${Math.min((psi ?? 0) / LARGE_PSI, 1) * 100}%`;
    this.#psi.textContent = psi === null ? "" : `PSI ${shortNumber(Number(psi.toFixed(2)))}`;
    this.#open();
  }

  #open() {
    if (!this.#details.open || !this.column) return;
    this.#verdict.textContent = this.column.verdict;
    this.#bins.replaceChildren(binsTable(this.column, this.feature, this.classes));
  }
}

function badgeOf({ drifted }, { rows, least_rows }) {
  if (drifted) return ["badge drifted", "drifted"];
  if (drifted === false) return ["badge", "no drift"];
  return ["badge unknown", rows < least_rows ? "too few rows" : "cannot be told"];
}
