// A file's rows with their predictions, page by page. A click makes a row the page's row.

import { colourOf } from "./colours.js";
import { h } from "./dom.js";
import { MOST_KEPT } from "./table_results.js";
import { percent, shortNumber } from "./words.js";

const PAGE_ROWS = 20;

/** node shows it. */
export class TableView {
  #page = 0;
  #shown = []; // rows
  #rowOf = new Map(); // by line of the table
  #taken = null;
  #body = h("tbody");
  #head = h("tr");
  #where = h("span", { className: "hint" });
  #only = h("input", { type: "checkbox", id: "table-errors" });
  #label = h("label", { htmlFor: "table-errors" });

  constructor(model, row) {
    this.model = model;
    this.row = row;
    this.#only.addEventListener("change", () => this.#turn(0));
    this.#body.addEventListener("click", ({ target }) => this.#take(target.closest("tr")));
    row.addEventListener("change", () => this.#mark(null));
    this.errors = h("p", { className: "errors-only", hidden: true }, this.#only, this.#label);
    this.node = h("div", { hidden: true }, this.errors, this.#table(), this.#pager());
  }

  /** Show results that have become more. */
  show(results) {
    if (!this.results) this.#name(results.columns);
    this.results = results;
    this.node.hidden = false;
    this.errors.hidden = !results.nErrors;
    this.#label.textContent = `Only the ${results.nErrors.toLocaleString("en")} with errors`;
    this.#fill();
  }

  #table() {
    const table = h("table", {}, h("thead", {}, this.#head), this.#body);
    // tabindex: what scrolls must be reached with the keyboard
    return h("div", { className: "scroll", tabIndex: 0, role: "region", "aria-label": "Rows with predictions" }, table);
  }

  #pager() {
    const turn = (words, step) => h("button", {
      className: "button", type: "button", onclick: () => this.#turn(this.#page + step),
    }, words);
    this.previous = turn("Previous", -1);
    this.next = turn("Next", 1);
    return h("p", { className: "pager" }, this.previous, this.next, this.#where);
  }

  #name({ names, places }) {
    const { features, classes } = this.model;
    this.numeric = new Set(places.filter((_, position) => !features[position].categories.length));
    const title = (words, isNumber) => h("th", { scope: "col", className: isNumber ? "number" : "" }, words);
    this.#head.replaceChildren(
      title("Row", true), title("Prediction", !classes.length), classes.length ? title("Probability", true) : "",
      ...names.map((name, place) => title(name, this.numeric.has(place))));
  }

  get #rows() {
    return this.#only.checked ? this.results.errors : this.results.rows;
  }

  #turn(page) {
    this.#where.setAttribute("aria-live", "polite"); // not before: it grows while a file is on its way
    if (page < 0 || page * PAGE_ROWS >= Math.max(1, this.#rows.length)) return;
    this.#page = page;
    this.#fill();
  }

  #fill() {
    const start = this.#page * PAGE_ROWS, rows = this.#rows.slice(start, start + PAGE_ROWS);
    if (rows.length !== this.#shown.length || rows[0] !== this.#shown[0]) {
      this.#shown = rows;
      this.#rowOf = new Map(rows.map((row) => [this.#line(row), row]));
      this.#body.replaceChildren(...[...this.#rowOf].flatMap(([line, row]) => [line, ...this.#fault(row)]));
    }
    this.#tell(start, rows.length);
  }

  #tell(start, n) {
    const kept = this.#rows.length, all = this.#only.checked ? this.results.nErrors : this.results.nRows;
    const some = kept < all ? `the first ${MOST_KEPT.toLocaleString("en")} of ` : "";
    this.#where.textContent = `${start + 1} to ${start + n} of ${some}${all.toLocaleString("en")}`;
    this.previous.setAttribute("aria-disabled", start === 0);
    this.next.setAttribute("aria-disabled", start + n >= kept);
  }

  #line(row) {
    const cells = row.cells.slice(0, this.results.columns.names.length);
    const given = cells.map((cell, place) => h("td", { className: this.numeric.has(place) ? "number" : "" }, cell));
    const number = h("th", { scope: "row", className: "number" }, this.#button(row));
    return h("tr", {}, number, ...this.#answer(row), ...given);
  }

  #button({ number, error }) {
    if (error) return number.toLocaleString("en");
    return h("button", {
      className: "take", type: "button", title: "Make it the row of this page", "aria-label": `Take row ${number}`,
    }, number.toLocaleString("en"));
  }

  #answer({ prediction, probabilities, error }) {
    const { classes } = this.model;
    if (error) return [h("td", { className: "refused", colSpan: classes.length ? 2 : 1 }, "not answered")];
    if (!classes.length) return [h("td", { className: "number" }, shortNumber(prediction))];
    const position = classes.findIndex(({ label }) => label === prediction);
    const swatch = h("i", { className: "swatch", "aria-hidden": "true" });
    swatch.style.background = colourOf(this.model, position);
    const likely = percent(probabilities[position]);
    return [h("td", {}, swatch, classes[position].words), h("td", { className: "number" }, likely)];
  }

  #fault({ error }) {
    const words = () => h("td", { className: "refused", colSpan: this.#head.children.length - 1 }, h("div", {}, error));
    return error ? [h("tr", { className: "fault" }, h("td"), words())] : [];
  }

  #take(line) {
    const row = this.#rowOf.get(line);
    if (!row || row.error) return;
    this.row.setAll(row.values);
    this.#mark(line);
  }

  #mark(line) {
    this.#taken?.removeAttribute("aria-current");
    this.#taken = line;
    line?.setAttribute("aria-current", "true");
  }
}
