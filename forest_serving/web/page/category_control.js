// A list of the categories that the model knows; where it takes others, a field for them.

import { asTyped, takesOthers } from "./categories.js";
import { h } from "./dom.js";
import { sum } from "./spread.js";
import { nameInWords, percent } from "./words.js";

const OTHER = "other";
const MISSING = "missing";

/** Return {node, show(value)}: the control of a feature with categories. change(value, dragging) hears of each. */
export function categoryControl(feature, id, change) {
  const changeTo = (value) => value !== undefined && change(value, false);
  const field = h("input", {
    hidden: true, autocomplete: "off", "aria-label": `${feature.words}: another category`,
    oninput: () => changeTo(asTyped(field.value, feature)),
  });
  const select = h("select", {
    id, autocomplete: "off", onchange: () => changeTo(chosen(select.value, field.value, feature)),
  }, options(feature));
  const node = h("div", { className: "control" },
    h("label", { htmlFor: id }, feature.words), h("span", { className: "choice" }, select, field));
  return { node, show: (value) => show(feature, select, field, value) };
}

function options(feature) {
  const { categories, counts } = feature;
  const total = sum(counts);
  const words = (category, k) => nameInWords(category) + (total ? ` (${percent(counts[k] / total)})` : "");
  return [
    ...categories.map((category, k) => h("option", { value: k }, words(category, k))),
    takesOthers(feature) && h("option", { value: OTHER }, "other …"),
    feature.takes_missing && h("option", { value: MISSING }, "missing"),
  ].filter(Boolean);
}

function chosen(option, typed, feature) {
  if (option === MISSING) return null;
  return option === OTHER ? notListed(typed, feature) : feature.categories[option];
}

// "Other" means one at once, before somebody types it.
function notListed(typed, feature) {
  const { categories } = feature, written = asTyped(typed, feature);
  if (typed !== "" && written !== undefined && !categories.includes(written)) return written;
  if (typeof categories[0] === "number") return Math.max(...categories) + 1;
  return [OTHER, ...categories.map((_, k) => `${OTHER} ${k + 2}`)].find((name) => !categories.includes(name));
}

function show(feature, select, field, value) {
  const position = feature.categories.indexOf(value);
  const isOther = position < 0 && value !== null;
  select.value = value === null ? MISSING : isOther ? OTHER : position;
  field.hidden = !isOther;
  if (isOther && asTyped(field.value, feature) !== value) field.value = value;
}
