// What the model looks at: how much worse it gets when a column is shuffled.

import { Bars } from "./bars.js";
import { h } from "./dom.js";
import { count, shortNumber } from "./words.js";

const MOST = 12;

/** Return the bars, or null where importance is not known. */
export function importance({ report, features }) {
  const losses = report.permutation_importance ?? {};
  const isKnown = ({ name }) => Object.hasOwn(losses, name); // "constructor" is in every object
  const known = features.filter(isKnown).sort((a, b) => losses[b.name] - losses[a.name]);
  if (!known.length) return null;
  const items = known.map(({ name, words }) =>
    ({ label: words, value: Math.max(losses[name], 0), text: shortNumber(Number(losses[name].toFixed(3))) }));
  const lost = "accuracy" in report ? "accuracy" : "R²";
  const told = `${lost} lost when the column is shuffled; ${report.permutation_importance_of}`;
  return h("div", {}, h("p", { className: "hint" }, told[0].toUpperCase() + told.slice(1)), ...shown(items));
}

function shown(items) {
  const bars = new Bars();
  const show = (some) => bars.show(some, { largest: items[0].value });
  show(items.slice(0, MOST));
  if (items.length <= MOST) return [bars.node];
  const all = h("button", { className: "button", type: "button" }, `Show all ${count(items.length, "feature")}`);
  all.onclick = () => {
    show(items);
    all.remove();
    bars.node.tabIndex = -1; // the button is gone: the keyboard goes on from the bars
    bars.node.focus();
  };
  return [bars.node, all];
}
