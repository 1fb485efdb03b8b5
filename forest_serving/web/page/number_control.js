// A slider over the training data's range, and a box that takes any number.

import { h, svg } from "./dom.js";
import { outline, scaleOf } from "./spread.js";
import { shortNumber, valueInWords, withUnit } from "./words.js";

const MEDIAN = 5;  // of the deciles
const DIGITS = 5;  // in the box, while nobody types there

/** Return {node, show(value)}: the control of a feature with numbers. change(value, dragging) hears of each. */
export function numberControl(feature, id, change) {
  const scale = scaleOf(feature.deciles);
  const parts = {
    slider: slider(feature, scale, id, change),
    box: box(feature, scale, id, change),
    missing: feature.takes_missing && missing(feature, change),
    hint: h("span", { id: `${id}-hint`, className: "hint outside" }),
  };
  return { node: laidOut(feature, scale, id, parts), show: (value) => show(feature, scale, parts, value) };
}

function slider(feature, { low, high, min, max, step, round }, id, change) {
  const heard = (dragging) => ({ target }) => change(round(target.valueAsNumber), dragging);
  return h("input", {
    id, type: "range", min, max, step, disabled: low === high, autocomplete: "off",
    oninput: heard(true), onchange: heard(false),
  });
}

function box(feature, { step }, id, change) {
  return h("input", {
    type: "number", step, className: "number", autocomplete: "off", placeholder: feature.takes_missing ? "missing" : "",
    "aria-label": feature.unit ? `${feature.words} in ${feature.unit}` : `${feature.words}, as a number`,
    "aria-describedby": `${id}-hint`,
    oninput: ({ target }) => {
      const isEmptied = target.value === "" && !target.validity.badInput;
      if (isEmptied && feature.takes_missing) change(null, false);
      else if (Number.isFinite(target.valueAsNumber)) change(target.valueAsNumber, false);
    },
    onfocus: ({ target }) => { target.value = target.title; },
    onblur: ({ target }) => { target.value = inShort(target.title); },
  });
}

function missing(feature, change) {
  return h("input", {
    type: "checkbox", autocomplete: "off", "aria-label": `${feature.words} is missing`,
    onchange: ({ target }) => change(target.checked ? null : feature.deciles[MEDIAN], false),
  });
}

function laidOut(feature, scale, id, { slider, box, missing, hint }) {
  return h("div", { className: "control number-control" },
    h("label", { htmlFor: id }, feature.words),
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
  write(box, isMissing ? "" : String(value));
  hint.textContent = isOutside ? "outside the training data" : "";
  hint.title = isOutside ? `${withUnit(low, feature)} to ${withUnit(high, feature)} in training` : "";
}

// The title has all digits, and so has the box while one types in it. What is typed stays as it is: "5." is 5, too.
function write(box, text) {
  box.title = text;
  const isTyped = document.activeElement === box;
  if (!isTyped || String(box.valueAsNumber) !== text) box.value = isTyped ? text : inShort(text);
}

function inShort(text) {
  const x = Number(text);
  if (text === "" || Number.isInteger(x)) return text;
  return String(Math.abs(x) < 10 ** DIGITS ? Number(x.toPrecision(DIGITS)) : Math.round(x));
}
