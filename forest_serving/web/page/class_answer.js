// A classifier's answer: the class, and each one's probability as a bar.

import { Bars } from "./bars.js";
import { colourOf } from "./colours.js";
import { h } from "./dom.js";
import { percent, shortNumber } from "./words.js";

const MOST = 10;  // bars; of more classes, the likeliest

/** Return {node, show(reply)}; show returns the answer in words. */
export function classAnswer(model) {
  const name = h("p", { className: "answer" });
  const rest = h("p", { className: "hint" });
  const bars = new Bars();
  const node = h("div", {}, name, bars.node, rest);
  const show = ({ labels: [label], probabilities: [probabilities] }) => {
    const ranked = ranking(probabilities);
    bars.show(ranked.slice(0, MOST).map((k) => item(model, label, k, probabilities[k])));
    rest.textContent = restInWords(ranked.slice(MOST).map((k) => probabilities[k]));
    const position = model.classes.findIndex((each) => each.name === label);
    name.textContent = model.classes[position].words;
    return `${name.textContent}, ${percent(probabilities[position])}`;
  };
  return { node, show };
}

// Few classes keep their places, so that bars grow and shrink where they are.
function ranking(probabilities) {
  const places = probabilities.map((_, k) => k);
  return places.length > MOST ? places.sort((a, b) => probabilities[b] - probabilities[a] || a - b) : places;
}

function item(model, label, k, probability) {
  const { name, words } = model.classes[k];
  const text = percent(probability);
  return { label: words, value: probability, text, colour: colourOf(model, k), isChosen: name === label };
}

function restInWords(probabilities) {
  if (probabilities.length === 0) return "";
  const together = percent(probabilities.reduce((a, b) => a + b, 0));
  return `and ${shortNumber(probabilities.length)} more, together ${together}`;
}
