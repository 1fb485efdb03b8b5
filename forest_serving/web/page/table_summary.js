// What a file's rows were answered with, all together, and the file to download.

import { Bars } from "./bars.js";
import { colourOf } from "./colours.js";
import { h } from "./dom.js";
import { count, percent, shortNumber } from "./words.js";

const MOST_CLASSES = 10;
const HINT = "A text that a spreadsheet would run as a formula gets an apostrophe in front.";

/** node shows it. */
export class Summary {
  #bars = new Bars();
  #words = h("p");
  #download = h("p", { className: "download" });

  constructor(model, fileName) {
    this.model = model;
    this.name = `${fileName.replace(/\.\w+$/, "")}-predictions.csv`;
    this.node = h("div", { className: "summary" }, this.#words, this.#bars.node, this.#download);
  }

  /** Show how many rows have each class, or which numbers they have. */
  show({ counts, nRows, nErrors, numbers }) {
    const n = nRows - nErrors;
    if (counts.length) return this.#bars.show(this.#items(counts, n), { largest: Math.max(1, ...counts) });
    if (!n) return;
    const [lowest, mean, highest] = [numbers.lowest, numbers.sum / n, numbers.highest].map(shortNumber);
    this.#words.textContent = `Predictions from ${lowest} to ${highest}, ${mean} on average.`;
  }

  /** Offer the file. */
  offer(results) {
    const href = URL.createObjectURL(results.file());
    const link = h("a", { className: "button main", href, download: this.name }, "Download as CSV");
    this.#download.append(link, h("span", { className: "hint" }, HINT));
  }

  #items(counts, n) {
    const ranked = [...counts.keys()].filter((k) => counts[k]).sort((a, b) => counts[b] - counts[a] || a - b);
    const items = ranked.slice(0, MOST_CLASSES).map((k) => (
      this.#item(this.model.classes[k].words, counts[k], n, colourOf(this.model, k))));
    const others = ranked.slice(MOST_CLASSES);
    const sum = others.reduce((total, k) => total + counts[k], 0);
    return others.length ? [...items, this.#item(count(others.length, "other class"), sum, n, "var(--muted)")] : items;
  }

  #item(label, value, n, colour) {
    return { label, value, colour, text: `${value.toLocaleString("en")} · ${percent(value / n)}` };
  }
}
