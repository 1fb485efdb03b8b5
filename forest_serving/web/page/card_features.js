// What the training data held, column by column, and what is answered beside it.

import { h, svg } from "./dom.js";
import { outline, scaleOf } from "./spread.js";
import { count, nameInWords, shortNumber } from "./words.js";

const MOST = 12;
const MOST_CATEGORIES = 6;
const HUGE = 3.4e38; // beyond it, float32 has no numbers: a bound that nobody meets
const HEAD = ["Feature", "Training data", "Spread", "Median", "Missing", "Answered"];

/** Return the table. */
export function features({ features: known }) {
  const lines = known.map(line);
  lines.slice(MOST).forEach((each) => { each.hidden = true; });
  const head = h("thead", {}, h("tr", {}, HEAD.map((title) => h("th", { scope: "col" }, title))));
  const table = h("div", { className: "scroll", tabIndex: 0, role: "group", ariaLabel: "Features" },
    h("table", { className: "columns" }, head, h("tbody", {}, lines)));
  return h("div", {}, table, known.length > MOST && more(lines));
}

function more(lines) {
  const button = h("button", { className: "button", type: "button" }, `Show all ${count(lines.length, "feature")}`);
  button.onclick = () => {
    lines.forEach((each) => { each.hidden = false; });
    button.remove();
    lines[MOST].tabIndex = -1;
    lines[MOST].focus();
  };
  return button;
}

function line(feature) {
  const isNumber = feature.deciles.length > 0;
  const { deciles, n_missing } = feature;
  return h("tr", {},
    h("th", { scope: "row", title: feature.column }, feature.words),
    h("td", { className: isNumber ? "" : "words" }, isNumber ? range(feature) : categories(feature)),
    h("td", {}, isNumber && spread(feature)),
    h("td", {}, isNumber ? shortNumber(deciles[5]) : ""),
    h("td", {}, n_missing ? n_missing.toLocaleString("en") : "none"),
    h("td", {}, answered(feature)));
}

const range = ({ deciles, unit }) => `${shortNumber(deciles[0])} to ${shortNumber(deciles.at(-1))} ${unit}`;

function categories({ categories: known, counts }) {
  const some = known.slice(0, MOST_CATEGORIES);
  const often = (k) => (counts.length ? ` (${counts[k].toLocaleString("en")})` : "");
  const named = some.map((name, k) => nameInWords(name) + often(k));
  return named.join(", ") + (known.length > MOST_CATEGORIES ? ` and ${known.length - MOST_CATEGORIES} more` : "");
}

function spread({ deciles, counts }) {
  if (deciles[0] === deciles.at(-1)) return null;
  return svg("svg", { class: "strip", viewBox: "0 0 100 20", preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("path", { d: outline(deciles, counts, scaleOf(deciles)) }));
}

const isBound = (x) => x !== undefined && Math.abs(x) < HUGE;

function answered({ lowest, highest, categories: known, takes_unknown, takes_missing }) {
  const from = isBound(lowest) ? `from ${shortNumber(lowest)} ` : "";
  const to = isBound(highest) ? `to ${shortNumber(highest)}` : "";
  const numbers = `${from}${to}`.trim() || "all numbers";
  const values = known.length ? (takes_unknown ? "other categories, too" : "these") : numbers;
  return values + (takes_missing ? "; missing, too" : "");
}
