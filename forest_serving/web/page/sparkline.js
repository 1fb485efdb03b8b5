// A number over the last two minutes, as a small line.

import { h, svg } from "./dom.js";

const WIDTH = 120, HEIGHT = 32, EDGE = 2;
const SPAN_S = 120;

/** A title, the newest number, and the line. node shows it. */
export class Sparkline {
  #points = []; // {at_s, value}
  #number = h("span", { className: "now" });
  #line = svg("path", { class: "spark-line" });
  #area = svg("path", { class: "spark-area" });
  #picture = svg("svg", { role: "img", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", class: "spark" },
    this.#area, this.#line);

  constructor(title, words) {
    this.title = title;
    this.words = words; // of a number
    this.#picture.setAttribute("aria-label", `${title}: nothing yet`);
    this.node = h("div", { className: "measure" }, h("h3", {}, title), this.#number, this.#picture);
  }

  /** Add a number, or null where there is none. */
  add(at_s, value) {
    this.#points = [...this.#points, { at_s, value }].filter((point) => point.at_s >= at_s - SPAN_S);
    const values = this.#points.map((point) => point.value).filter((number) => number !== null);
    this.#number.textContent = value === null ? "–" : this.words(value);
    this.#picture.setAttribute("aria-label", this.#told(value, values));
    this.#draw(at_s, values);
  }

  #told(value, values) {
    if (!values.length) return `${this.title}: nothing in the last two minutes`;
    const [lowest, highest] = [Math.min(...values), Math.max(...values)].map(this.words);
    const now = value === null ? "none" : this.words(value);
    return `${this.title}, last two minutes: from ${lowest} to ${highest}, now ${now}`;
  }

  #draw(at_s, values) {
    const low = Math.min(0, ...values), high = Math.max(0, ...values) || 1;
    const x = (point) => (WIDTH * (point.at_s - at_s + SPAN_S)) / SPAN_S;
    const y = (value) => HEIGHT - EDGE - ((value - low) / (high - low)) * (HEIGHT - 2 * EDGE);
    const runs = unbroken(this.#points);
    const line = (run) => `M${run.map((point) => `${x(point).toFixed(1)} ${y(point.value).toFixed(1)}`).join("L")}`;
    const under = (run) => `${line(run)}L${x(run.at(-1)).toFixed(1)} ${y(0)}L${x(run[0]).toFixed(1)} ${y(0)}Z`;
    this.#line.setAttribute("d", runs.map(line).join(""));
    this.#area.setAttribute("d", runs.map(under).join(""));
  }
}

function unbroken(points) {
  const runs = [[]];
  for (const point of points) {
    if (point.value !== null) runs.at(-1).push(point);
    else if (runs.at(-1).length) runs.push([]);
  }
  return runs.filter((run) => run.length);
}
