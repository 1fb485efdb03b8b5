// Requests, their durations, errors and answers.

import { Bars } from "./bars.js";
import { colourOf } from "./colours.js";
import { h } from "./dom.js";
import { parseMetrics } from "./metrics_text.js";
import { countsOf, ratesOf } from "./rates.js";
import { Sparkline } from "./sparkline.js";
import { count, nameInWords, percent, shortNumber } from "./words.js";

const LONGEST_GAP_S = 10; // between two looks that belong together
const NONE = "No traffic yet. Move a slider above, or send a request: it is here within two seconds.";
const MOST_CLASSES = 12;

/** node shows it. */
export class Traffic {
  #before = null;
  #state = h("p", { role: "status" });
  #answers = new Bars();
  #others = h("p", { className: "hint", hidden: true });

  constructor(model) {
    this.model = model;
    this.lines = linesOf(model);
    const classes = h("div", { hidden: !model.classes.length },
      h("h3", {}, "Predictions since the server began to count"), this.#answers.node, this.#others);
    const measures = h("div", { className: "measures" }, Object.values(this.lines).map(({ node }) => node));
    this.node = h("div", {}, this.#state, measures, classes);
  }

  /** Show what GET /metrics says. */
  show(text) {
    const now = countsOf(parseMetrics(text), performance.now() / 1000), before = this.#before;
    this.#before = now;
    const isFirst = !before || now.at_s - before.at_s > LONGEST_GAP_S;
    const rates = isFirst ? {} : ratesOf(before, now);
    for (const [name, line] of Object.entries(this.lines)) line.add(now.at_s, rates[name] ?? null);
    this.#tell(now);
    if (this.model.classes.length) this.#showClasses(now.classes);
  }

  #tell({ statuses }) {
    const n = [...statuses.values()].reduce((total, value) => total + value, 0);
    const words = n ? "" : NONE;
    if (this.#state.textContent !== words) this.#state.textContent = words;
  }

  #showClasses(classes) {
    const total = classes.reduce((sum, { n }) => sum + n, 0);
    const items = classes.map(({ name, n }, position) => ({
      label: nameInWords(name), value: total ? n / total : 0, text: total ? percent(n / total) : "–", n,
      colour: colourOf(this.model, position),
    }));
    if (items.length > MOST_CLASSES) items.sort((one, other) => other.n - one.n);
    this.#answers.show(items.slice(0, MOST_CLASSES));
    this.#others.hidden = items.length <= MOST_CLASSES;
    this.#others.textContent = `and ${count(items.length - MOST_CLASSES, "rarer class")}`;
  }
}

/** Return a line for each rate, by its name in rates.js. */
function linesOf({ classes }) {
  const lines = {
    requests: new Sparkline("Requests per second", rateInWords),
    rows: new Sparkline("Rows per second", rateInWords),
    p50_s: new Sparkline("Median time", durationInWords),
    p99_s: new Sparkline("99th percentile", durationInWords),
    refused: new Sparkline("Refused per second (4xx)", rateInWords),
    failed: new Sparkline("Failed per second (5xx)", rateInWords),
  };
  return classes.length ? lines : { ...lines, mean: new Sparkline("Mean prediction", shortNumber) };
}

const rateInWords = (rate) => shortNumber(Number(rate.toPrecision(2)));

/** Return seconds in words: "0.42 ms", "1.2 s". */
export function durationInWords(seconds) {
  const [number, unit] = seconds < 1e-3 ? [seconds * 1e6, "µs"] : seconds < 1 ? [seconds * 1e3, "ms"] : [seconds, "s"];
  return `${shortNumber(Number(number.toPrecision(2)))}\u00a0${unit}`;
}
