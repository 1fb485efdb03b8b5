// How the latest rows are spread, beside the training data.

import { h } from "./dom.js";
import { nameInWords, percent, withUnit } from "./words.js";

const SERIES = ["share", "training_share"];

/** Return a table of a column of GET /drift; feature is undefined where it is the answers. */
export function binsTable(column, feature, classes) {
  const bins = [...named(column.bins, feature, classes), ...odd(column)];
  const largest = Math.max(...bins.flatMap((bin) => SERIES.map((name) => bin[name] ?? 0)), 1e-9);
  const head = ["Value", "Latest rows", "Training data"].map((title) => h("th", { scope: "col" }, title));
  const lines = bins.map((bin) => h("tr", {}, h("th", { scope: "row" }, bin.name),
    ...SERIES.map((name) => h("td", {}, bar(bin[name], largest, name), shareInWords(bin[name])))));
  return h("table", { className: "bins" }, h("thead", {}, h("tr", {}, head)), h("tbody", {}, lines));
}

function named(bins, feature, classes) {
  const seen = bins.filter(({ up_to }, place) => up_to === undefined || up_to !== bins[place - 1]?.up_to);
  return seen.map((bin) => ({ ...bin, name: nameOf(bin, feature, classes) }));
}

function nameOf({ category, up_to }, feature, classes) {
  if (category !== undefined) return nameInWords(classes.find(({ label }) => label === category)?.name ?? category);
  if (up_to === undefined) return "all others";
  return `up to ${withUnit(up_to, feature ?? { unit: "" })}`;
}

/** Return lines for values that are in no bin, where there are some. */
function odd({ missing, unknown, out_of_range }) {
  const parts = { missing, "unknown category": unknown, "out of range": out_of_range };
  const some = Object.entries(parts).filter(([, part]) => part.share || part.training_share);
  return some.map(([name, part]) => ({ ...part, name }));
}

function bar(share, largest, series) {
  const node = h("span", { className: `bin-bar ${series}`, "aria-hidden": "true" });
  node.style.width = `calc(var(--bin) * ${(share ?? 0) / largest})`;
  return node;
}

const shareInWords = (share) => (share === undefined || share === null ? "–" : percent(share));
