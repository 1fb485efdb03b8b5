// A list of the categories that the model knows; where it takes others, a field for them.

import { h } from "./dom.js";
import { sum } from "./spread.js";
import { percent } from "./words.js";

const OTHER = "other";
const MISSING = "missing";

/** Return {node, show(value)}: the control of a feature that holds categories. change(value, dragging) hears of each. */
export function categoryControl(feature, id, change) {
  const field = h("input", {
    hidden: true, autocomplete: "off", "aria-label": `${feature.words}: another category`,
    oninput: () => change(asTyped(field.value, feature), false),
  });
  const select = h("select", { id, autocomplete: "off", onchange: () => change(chosen(select.value, field, feature), false) },
    options(feature));
  const node = h("div", { className: "control" },
    h("label", { htmlFor: id, title: feature.words }, feature.words), h("span", { className: "choice" }, select, field));
  return { node, show: (value) => show(feature, select, field, value) };
}

function options({ categories, counts, takes_missing: takesMissing, takes_unknown: takesUnknown }) {
  const total = sum(counts);
  const words = (category, k) => (total ? `${category} (${percent(counts[k] / total)})` : String(category));
  return [
    ...categories.map((category, k) => h("option", { value: k }, words(category, k))),
    takesUnknown && typeof categories[0] !== "boolean" && h("option", { value: OTHER }, "other …"),
    takesMissing && h("option", { value: MISSING }, "missing"),
  ].filter(Boolean);
}

function chosen(option, field, feature) {
  if (option === MISSING) return null;
  return option === OTHER ? asTyped(field.value || nothingLike(feature), feature) : feature.categories[option];
}

// A first text or number that is no category, for "other" means one at once.
function nothingLike({ categories }) {
  return typeof categories[0] === "number" ? Math.max(...categories) + 1 : "other";
}

// The categories of a column are of one type, and so is another one.
function asTyped(text, { categories }) {
  const number = Number(text);
  return typeof categories[0] === "number" && text !== "" && Number.isFinite(number) ? number : String(text);
}

function show({ categories }, select, field, value) {
  const position = categories.indexOf(value);
  const isOther = position < 0 && value !== null;
  select.value = value === null ? MISSING : isOther ? OTHER : position;
  field.hidden = !isOther;
  if (isOther && String(asTyped(field.value, { categories })) !== String(value)) field.value = value;
}
