// A slider over the training data's range, and a box that takes any number.

import { h, svg } from "./dom.js";
import { outline, scaleOf } from "./spread.js";
import { shortNumber, valueInWords, withUnit } from "./words.js";

/** Return {node, show(value)}: the control of a feature that holds numbers. change(value, dragging) hears of each. */
export function numberControl(feature, id, change) {
  const scale = scaleOf(feature.deciles);
  const parts = {
    slider: slider(feature, scale, id, change),
    box: box(feature, scale, id, change),
    missing: feature.takes_missing && missing(feature, (isMissing) => change(isMissing ? null : middle(feature), false)),
    hint: h("span", { id: `${id}-hint`, className: "hint outside" }),
  };
  return { node: laidOut(feature, scale, id, parts), show: (value) => show(feature, scale, parts, value) };
}

const middle = (feature) => feature.deciles[5];

function slider(feature, { low, high, min, max, step, round }, id, change) {
  const heard = (dragging) => ({ target }) => change(round(target.valueAsNumber), dragging);
  return h("input", {
    id, type: "range", min, max, step, disabled: low === high, autocomplete: "off", oninput: heard(true), onchange: heard(false),
  });
}

function box(feature, { step }, id, change) {
  return h("input", {
    type: "number", step, className: "number", autocomplete: "off", placeholder: feature.takes_missing ? "missing" : "",
    "aria-label": feature.unit ? `${feature.words} in ${feature.unit}` : `${feature.words}, as a number`,
    "aria-describedby": `${id}-hint`,
    oninput: ({ target }) => Number.isFinite(target.valueAsNumber) && change(target.valueAsNumber, false),
  });
}

function missing(feature, change) {
  return h("input", {
    type: "checkbox", autocomplete: "off", "aria-label": `${feature.words} is missing`,
    onchange: ({ target }) => change(target.checked),
  });
}

function laidOut(feature, scale, id, { slider, box, missing, hint }) {
  return h("div", { className: "control number-control" },
    h("label", { htmlFor: id, title: feature.words }, feature.words),
    missing && h("label", { className: "missing hint" }, missing, "missing"),
    h("span", { className: "exact" }, box, feature.unit && h("span", { className: "unit" }, feature.unit)),
    h("div", { className: "slide" }, scale.low < scale.high && strip(feature, scale), slider),
    h("p", { className: "range hint" },
      h("span", {}, shortNumber(scale.low)), hint, h("span", {}, shortNumber(scale.high))));
}

function strip(feature, scale) {
  return svg("svg", { class: "strip", viewBox: "0 0 100 20", preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("path", { d: outline(feature.deciles, feature.counts, scale) }));
}

function show(feature, { low, high }, { slider, box, missing, hint }, value) {
  const isMissing = value === null;
  const isOutside = !isMissing && (value < low || value > high);
  if (missing) missing.checked = isMissing;
  if (!isMissing) slider.value = value;
  slider.classList.toggle("off", isMissing);
  slider.setAttribute("aria-valuetext", valueInWords(value, feature));
  // What is being typed stays as it is: "5." is 5, too.
  if (isMissing || box.valueAsNumber !== value) box.value = isMissing ? "" : value;
  hint.textContent = isOutside ? "outside the training data" : "";
  hint.title = isOutside ? `${withUnit(low, feature)} to ${withUnit(high, feature)} in training` : "";
}
