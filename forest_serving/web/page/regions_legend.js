// What the picture's colours mean.

import { colourOf, rampColour } from "./colours.js";
import { h } from "./dom.js";
import { swatch } from "./swatch.js";
import { shortNumber } from "./words.js";

const MOST_CLASSES = 12;  // of more, only those in the picture are named
const STOPS = [0, 0.25, 0.5, 0.75, 1];

/** Return the legend of a picture. scale: a regressor's. */
export function legendOf(model, cells, scale) {
  return model.classes.length ? names(model, cells) : values(scale);
}

function names(model, { answers }) {
  const shown = new Set(model.classes.length > MOST_CLASSES ? answers : model.classes.keys());
  const lines = model.classes.map(({ words }, k) => shown.has(k) && h("li", {}, swatch(colourOf(model, k)), words));
  return h("ul", { className: "legend", role: "list", "aria-label": "Colours of the classes" }, lines);
}

function values({ low, high }) {
  const bar = h("span", { className: "ramp", "aria-hidden": "true" });
  bar.style.backgroundImage = `linear-gradient(to right, ${STOPS.map(rampColour).join(", ")})`;
  const ends = [low, low / 2 + high / 2, high].map((x) => h("span", {}, shortNumber(x)));
  return h("p", { className: "legend" }, bar, h("span", { className: "ends" }, ends));
}
