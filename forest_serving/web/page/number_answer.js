// A regressor's answer: the number, and its place among the answers to the training rows.

import { h, svg } from "./dom.js";
import { outline, placeBetween, shareBelow } from "./spread.js";
import { percent, shortNumber } from "./words.js";

/** Return {node, show(reply)}; show returns the answer in words. */
export function numberAnswer(model) {
  const { answer_deciles: deciles, label_column: column } = model;
  const number = h("p", { className: "answer" });
  const place = deciles.length && deciles[0] < deciles.at(-1) ? placeAmong(model) : null;
  const node = h("div", {}, column && h("p", { className: "hint" }, column), number, place?.node);
  const show = ({ predictions: [value] }) => {
    number.textContent = shortNumber(value);
    number.title = value;
    return [shortNumber(value), place?.show(value)].filter(Boolean).join(", ");
  };
  return { node, show };
}

function placeAmong({ answer_deciles: deciles, answer_counts: counts }) {
  const [min, max] = [deciles[0], deciles.at(-1)];
  const mark = svg("line", { y1: 0, y2: 20, class: "mark" });
  const words = h("p", { className: "hint" });
  const node = h("div", { className: "place" },
    svg("svg", { class: "strip", viewBox: "0 0 100 20", preserveAspectRatio: "none", "aria-hidden": "true" },
      svg("path", { d: outline(deciles, counts, { min, max }) }), mark),
    h("p", { className: "range hint" }, h("span", {}, shortNumber(min)), h("span", {}, shortNumber(max))), words);
  const show = (value) => {
    const x = Math.min(Math.max(placeBetween(value, min, max), 0), 1) * 100;
    for (const end of ["x1", "x2"]) mark.setAttribute(end, x);
    const share = percent(shareBelow(value, deciles, counts));
    words.textContent = `higher than about ${share} of the answers to training rows`;
    return words.textContent;
  };
  return { node, show };
}
