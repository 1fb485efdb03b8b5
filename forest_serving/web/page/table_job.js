// One file on its way through the server: how far it is, what came of it, and what went wrong.

import { h } from "./dom.js";
import { partsOf } from "./table_parts.js";
import { Results } from "./table_results.js";
import { Sender } from "./table_sending.js";
import { Summary } from "./table_summary.js";
import { TableView } from "./table_view.js";
import { count, shortNumber } from "./words.js";

/** node shows all of it. */
export class Job {
  #stop = new AbortController();
  #sender = new Sender(this.#stop.signal, (sentence) => this.#say(sentence));
  #start_ms = performance.now();

  constructor(file, model, row) {
    this.file = file;
    this.model = model;
    this.results = new Results(model);
    this.progress = h("progress", { max: file.size || 1, value: 0, "aria-label": `Answered of ${file.name}` });
    this.pace = h("span", { className: "pace" });
    this.note = h("p", { role: "status" });
    this.summary = new Summary(model, file.name);
    this.view = new TableView(model, row);
    const cancel = h("button", { className: "button", type: "button", onclick: () => this.cancel() }, "Cancel");
    this.running = h("p", { className: "running" }, this.progress, this.pace, cancel);
    this.node = h("div", { className: "job" }, this.running, this.note, this.summary.node, this.view.node);
  }

  /** Stop; what has been answered stays. */
  cancel() {
    this.#stop.abort();
  }

  /** Send the file, part by part, and say how it ended. */
  async run() {
    try {
      for await (const part of partsOf(this.file, this.model)) await this.#answer(part);
      this.#end(this.results.nRows ? this.#told("answered") : `${this.file.name} has no rows.`);
    } catch (error) {
      this.#end(error.name === "AbortError" ? this.#told("answered, then cancelled") : this.#failed(error));
    }
  }

  async #answer(part) {
    this.results.add(part, await answersOf(part.rows, this.#sender));
    this.#stop.signal.throwIfAborted();
    this.progress.value = part.bytes;
    this.pace.textContent = `${count(this.results.nRows, "row")}, ${this.#rate()}${this.#errors()}`;
    this.#show();
  }

  #show() {
    this.summary.show(this.results);
    this.view.show(this.results);
  }

  #end(sentence) {
    this.running.remove();
    this.#say(sentence);
    if (this.results.nRows) this.summary.offer(this.results);
  }

  #say(sentence) {
    if (this.note.textContent !== sentence) this.note.textContent = sentence;
  }

  #failed(error) {
    this.note.className = "refused";
    return this.results.nRows ? `${error.message} Before that: ${this.#told("answered")}` : error.message;
  }

  #told(how) {
    return `${this.file.name}: ${count(this.results.nRows, "row")} ${how}, ${this.#rate()}${this.#errors()}.`;
  }

  #rate() {
    const seconds = (performance.now() - this.#start_ms) / 1000;
    return `${shortNumber(Math.round(this.results.nRows / seconds))}\u00a0rows/s`;
  }

  #errors() {
    return this.results.nErrors ? `, ${shortNumber(this.results.nErrors)} with errors` : "";
  }
}

/** Return an answer for each row; those that cannot be sent have their fault for one. */
async function answersOf(rows, sender) {
  const sent = rows.filter(({ fault }) => !fault).map(({ values }) => values);
  const answers = await sender.answersTo(sent);
  let next = 0;
  return rows.map(({ fault }) => (fault ? { error: fault } : answers[next++]));
}
