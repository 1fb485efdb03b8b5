// What came of a file so far. Of many rows only the first are kept to be looked at; all are in the file to download.

import { lineOf, unlike } from "./csv_lines.js";

export const MOST_KEPT = 1000; // rows, and as many with errors

/** Collects parts and their answers. */
export class Results {
  nRows = 0;
  nErrors = 0;
  rows = []; // the first, each {number, cells, values, prediction, probabilities} or {number, cells, values, error}
  errors = []; // the first with errors
  columns = null;
  #lines = []; // blobs, which the browser keeps outside of this page's memory

  constructor(model) {
    this.model = model;
    this.positions = new Map(model.classes.map(({ label }, position) => [label, position]));
    this.counts = model.classes.map(() => 0);
    this.numbers = { sum: 0, lowest: Infinity, highest: -Infinity };
  }

  /** Add a part and its answers, which are in the same order. */
  add({ rows, columns, form }, answers) {
    const answered = rows.map(({ number, cells, values }, place) => ({ number, cells, values, ...answers[place] }));
    if (!this.columns) this.#begin(columns, form);
    this.#lines.push(new Blob(answered.map((row) => this.#line(this.#cells(row)))));
    answered.forEach((row) => this.#count(row));
    keep(this.rows, answered);
    keep(this.errors, answered.filter(({ error }) => error));
  }

  /** Return the file to download: all columns of the one that was read, then those of the answers. */
  file() {
    return new Blob(this.#lines, { type: "text/csv;charset=utf-8" });
  }

  #begin(columns, { separator, mark }) {
    this.columns = columns;
    this.#line = lineOf(separator);
    const names = this.model.classes.map(({ name }) => `probability_${name}`);
    const added = unlike(["prediction", ...names, "error"], columns.names);
    this.#lines.push(mark + this.#line([...columns.names, ...added]));
  }

  #line = null;

  #cells({ cells, prediction, probabilities, error }) {
    const given = this.columns.names.map((_, place) => cells[place] ?? "");
    const likely = this.model.classes.map((_, position) => probabilities?.[position] ?? null);
    return [...given, prediction ?? null, ...likely, error ?? null];
  }

  #count({ prediction, error }) {
    this.nRows += 1;
    if (error) this.nErrors += 1;
    else if (this.counts.length) this.counts[this.positions.get(prediction)] += 1;
    else addTo(this.numbers, prediction);
  }
}

function addTo(numbers, x) {
  numbers.sum += x;
  numbers.lowest = Math.min(numbers.lowest, x);
  numbers.highest = Math.max(numbers.highest, x);
}

function keep(list, rows) {
  list.push(...rows.slice(0, MOST_KEPT - list.length));
}
