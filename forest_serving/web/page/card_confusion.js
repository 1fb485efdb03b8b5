// Which class was answered where which was true: a table whose cells are the darker, the more rows they have.

import { h } from "./dom.js";
import { share } from "./words.js";

const MANY = 8; // classes, whose names stand upright above narrow columns

/** Return the table of a classifier; with very many classes only how each fared, for a regressor nothing. */
export function confusion({ report, classes }) {
  const { confusion_matrix: counts, per_class } = report.holdout;
  if (!per_class) return null;
  return h("div", {}, counts && matrix(classes.map(({ words }) => words), counts), fared(classes, per_class, !counts));
}

function matrix(names, counts) {
  const head = names.map((name) => h("th", { scope: "col", title: name }, h("span", {}, name)));
  const lines = counts.map((line, k) =>
    h("tr", {}, h("th", { scope: "row", title: names[k] }, names[k]), cells(line, k)));
  return h("div", { className: "scroll", tabIndex: 0, role: "group", ariaLabel: "Confusion matrix" },
    h("table", { className: `confusion ${names.length > MANY ? "many" : ""}` },
      h("caption", {}, "Rows of the hold-out: true class by line, answered class by column"),
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "true \\ answered"), head)), h("tbody", {}, lines)));
}

/** Return a line's cells; a shade is a cell's share of the line. */
function cells(line, right) {
  const total = Math.max(line.reduce((a, b) => a + b, 0), 1);
  return line.map((n, k) => {
    const cell = h("td", { className: k === right ? "right" : n ? "" : "none" }, n.toLocaleString("en"));
    cell.style.setProperty("--share", n / total);
    return cell;
  });
}

function fared(classes, scores, open) {
  const head = ["Class", "Precision", "Recall", "Rows"].map((words, k) =>
    h("th", { scope: "col", className: k ? "number" : "" }, words));
  const lines = classes.filter(({ name }) => Object.hasOwn(scores, name)).map(({ name, words: shown }) => h("tr", {},
    h("th", { scope: "row" }, shown),
    [share(scores[name].precision), share(scores[name].recall), scores[name].rows.toLocaleString("en")].map((words) =>
      h("td", { className: "number" }, words))));
  return h("details", { open }, h("summary", {}, "Precision and recall of each class"),
    h("div", { className: "scroll", tabIndex: 0, role: "group", ariaLabel: "Precision and recall" },
      h("table", {}, h("thead", {}, h("tr", {}, head)), h("tbody", {}, lines))));
}
