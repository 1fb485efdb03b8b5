// How good a model is: the scores that have an interval, large, and a table of the others.

import { h, svg } from "./dom.js";
import { share, shortNumber } from "./words.js";

const WORDS = {
  accuracy: "Accuracy", recall: "Macro recall", f1: "Macro F1", auc: "Macro one-vs-rest AUC", log_loss: "Log loss",
  brier: "Brier score", r2: "R²", mae: "Mean absolute error", rmse: "Root mean squared error",
};

/** Return the scores of a judged model. */
export function scores({ report }) {
  const known = [["hold-out", report.holdout], ["cross-validation", report.cross_validation]];
  const estimates = known.filter(([, of]) => of);
  const tiles = estimates.flatMap(([by, of]) => Object.keys(WORDS).map((name) => tile(by, of, name, report)));
  return h("div", {}, h("div", { className: "tiles" }, tiles), rest(estimates));
}

function tile(by, of, name, report) {
  const ends = of[`${name}_95_interval`];
  if (!ends) return null;
  const isShare = name === "accuracy";
  const told = isShare ? share : shortNumber;
  return h("div", { className: "tile" },
    h("span", { className: "hint" }, `${WORDS[name]}, ${by}`),
    h("span", { className: "now" }, told(of[name])),
    isShare && interval(of[name], ends),
    h("span", { className: "hint" }, `95\u00a0% interval: ${told(ends[0])} to ${told(ends[1])}`),
    isShare && h("span", { className: "hint" }, `commonest class alone: ${share(report.commonest_class_share)}`));
}

/** Return a line from 0 to 1 with an interval on it, which the text beside it tells. */
function interval(value, [low, high]) {
  return svg("svg", { viewBox: "0 0 100 8", preserveAspectRatio: "none", class: "interval", "aria-hidden": "true" },
    svg("path", { d: "M0 4H100", class: "axis" }),
    svg("path", { d: `M${100 * low} 4H${100 * high}`, class: "ends" }),
    svg("path", { d: `M${100 * value} 0V8`, class: "value" }));
}

function rest(estimates) {
  const isSmall = (name) => estimates.some(([, of]) => name in of && !of[`${name}_95_interval`]);
  const names = Object.keys(WORDS).filter(isSmall);
  if (!names.length) return null;
  const head = estimates.map(([by]) => h("th", { scope: "col", className: "number" }, by));
  const lines = names.map((name) => h("tr", {}, h("th", { scope: "row" }, WORDS[name]),
    estimates.map(([, of]) => h("td", { className: "number" }, name in of ? shortNumber(of[name]) : "–"))));
  return h("table", {}, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Score"), head)), h("tbody", {}, lines));
}
