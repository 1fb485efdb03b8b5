// The panel "Features": a control for each feature, and ways to fill them all.

import { categoryControl } from "./category_control.js";
import { h } from "./dom.js";
import { drawnRow } from "./draw.js";
import { numberControl } from "./number_control.js";
import { pasting } from "./paste.js";

const EXAMPLE = "A row of the training data.";
const MANY = 16;  // features, from which on each gets one line and a filter finds it

export function mount(root, model, row) {
  const note = h("p", { className: "hint note", role: "status" }, EXAMPLE);
  const controls = model.features.map((feature, k) => control(feature, k, row));
  const isMany = controls.length >= MANY;
  root.append(buttons(model, row, note), note, isMany ? filter(model, controls) : "",
    h("div", { className: isMany ? "controls compact" : "controls" }, controls.map(({ node }) => node)));
  const show = () => controls.forEach((each, k) => each.update(row.values[k]));
  row.addEventListener("change", () => {
    note.textContent = "";  // whoever took a row says so afterwards
    show();
  });
  show();
}

function control(feature, k, row) {
  const make = feature.categories.length ? categoryControl : numberControl;
  const { node, show } = make(feature, `feature-${k}`, (value, dragging) => row.set(k, value, dragging));
  let shown;
  const update = (value) => {
    if (value !== shown) show(value);
    shown = value;
  };
  return { node, update };
}

function buttons(model, row, note) {
  const take = (values, words) => {
    row.setAll(values);
    note.textContent = words;
  };
  const paste = pasting(model, take);
  const button = (words, onclick) => h("button", { className: "button", type: "button", onclick }, words);
  return h("p", { className: "buttons" },
    button("Example", () => take(model.example, EXAMPLE)),
    button("Random", () => take(drawnRow(model), drawnFrom(model))),
    button("Paste a row …", paste));
}

const drawnFrom = (model) => (model.plot_rows.length
  ? EXAMPLE : "Each value is drawn from the training data’s, by itself.");

function filter(model, controls) {
  const names = model.features.map(({ words, column }) => `${words} ${column}`.toLowerCase());
  const heard = ({ target }) => {
    const words = target.value.toLowerCase().split(/\s+/);
    controls.forEach(({ node }, k) => { node.hidden = !words.every((word) => names[k].includes(word)); });
  };
  return h("input", {
    type: "search", className: "filter", autocomplete: "off", oninput: heard,
    placeholder: `Find one of ${controls.length} features`, "aria-label": "Find a feature",
  });
}
