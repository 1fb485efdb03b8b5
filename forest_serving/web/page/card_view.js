// The parts of a model card, in their order. What is not known of a model is left out, and said once.

import { confusion } from "./card_confusion.js";
import { features } from "./card_features.js";
import { importance } from "./card_importance.js";
import { origin, proof } from "./card_origin.js";
import { answersPlot, calibrationPlot } from "./card_plots.js";
import { scores } from "./card_scores.js";
import { h } from "./dom.js";
import { count, share } from "./words.js";

const NARROW = 5; // classes, whose matrix fits beside the scores
const HOW = "forest_serving.save(…, test=(X_test, y_test))";

/** Return the elements of the card. */
export function cardView(model) {
  const isJudged = Boolean(model.report.holdout);
  return [
    h("p", { className: "lead" }, purpose(model)),
    h("p", {}, data(model), isJudged ? ` ${split(model.report)}` : ""),
    ...(isJudged ? judged(model) : [unknown()]),
    part("Features", features(model)),
    part("Limits", limits(model)),
    part("How exactness was proved", proof(model)),
    part("Where it comes from", origin(model)),
  ].filter(Boolean);
}

function judged(model) {
  const pictures = [
    part("Confusion", confusion(model), model.classes.length > NARROW ? "wide" : ""),
    part("Calibration", calibrationPlot(model)),
    part("Answers beside the truth", answersPlot(model)),
    part("Importance of features", importance(model)),
  ];
  return [h("div", { className: "pair" }, part("Scores", scores(model)), pictures)];
}

function unknown() {
  const filed = "python -m forest_serving save … --test FILE.csv";
  return h("p", { className: "unknown" },
    h("strong", {}, "Saved without evaluation."), " How good its answers are is not known. To find it out, save it ",
    "with rows that it has not learned from: ", h("code", {}, HOW), " or ", h("code", {}, filed), ".");
}

function part(title, content, className = "") {
  return content && h("div", { className: `part ${className}` }, h("h3", {}, title), content);
}

function purpose({ task, classes, label_column, features }) {
  const asked = `from ${count(features.length, "feature")}`;
  if (task !== "classification") return `Answers with a number${label_column && `, ${label_column},`} ${asked}.`;
  const of = label_column && ` of ${label_column}`;
  return `Answers with one of ${count(classes.length, "class")}${of} (${listed(classes)}) ${asked}.`;
}

function listed(classes, most = 8) {
  const names = classes.slice(0, most).map(({ words }) => words);
  return names.join(", ") + (classes.length > most ? ` and ${classes.length - most} more` : "");
}

function data({ report, provenance, features }) {
  const [{ counts, n_missing }] = features;
  const n_rows = report.rows ?? (counts.length ? counts.reduce((a, b) => a + b, n_missing) : null);
  const rows = n_rows ? count(n_rows, "row") : "rows";
  return `Learned from ${rows}${provenance.data ? ` (${provenance.data})` : ""}.`;
}

function split({ split: known, holdout, cross_validation }) {
  const drawn = known?.holdout_share ? `, ${share(known.holdout_share)} of all, drawn at random` : "";
  const kept = known?.stratified ? " with the classes’ shares kept" : "";
  const seed = known?.seed === undefined ? "" : ` (seed ${known.seed})`;
  const seen = known?.holdout_rows_also_in_training_data;
  return [
    `Judged by ${count(holdout.rows, "row")}${seen ? "" : " that it had not seen"}${drawn}${kept}${seed}.`,
    seen ? `${count(seen, "row")} of them are in the training data, too.` : "",
    cross_validation && `${cross_validation.folds}-fold cross-validation, ${cross_validation.repeats} times, on all.`,
    known?.seed === undefined ? "" : "What is served learned from all rows.",
  ].filter(Boolean).join(" ");
}

function limits({ limits: known }) {
  return known?.length > 0 && h("ul", {}, known.map((sentence) => h("li", {}, sentence)));
}
