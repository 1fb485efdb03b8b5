// Horizontal bars: a list that reads well without seeing them.

import { h } from "./dom.js";

/**
 * Bars that are changed in place, so that they move while one drags. node is the list to put into the page.
 *
 * show takes items {label, value, text, colour, isChosen}: text is what value means in words; without a colour a bar
 * has the accent. A bar is value / largest of the width; signed ones go left and right of a middle.
 */
export class Bars {
  node = h("ul", { className: "bars", role: "list" });
  #parts = [];

  show(items, { largest = 1, signed = false } = {}) {
    this.node.classList.toggle("signed", signed);
    while (this.#parts.length < items.length) this.#add();
    while (this.#parts.length > items.length) this.#parts.pop().line.remove();
    items.forEach((item, k) => fill(this.#parts[k], item, signed ? 2 * largest : largest, signed));
  }

  #add() {
    const label = h("span", { className: "bar-label" });
    const bar = h("span", { className: "bar" });
    const text = h("span", { className: "bar-text" });
    const line = h("li", {}, label, h("span", { className: "bar-track", "aria-hidden": "true" }, bar), text);
    this.node.append(line);
    this.#parts.push({ label, bar, text, line });
  }
}

function fill({ label, bar, text, line }, item, width, signed) {
  label.textContent = label.title = item.label;
  text.textContent = item.text;
  line.classList.toggle("chosen", Boolean(item.isChosen));
  line.classList.toggle("negative", signed && item.value < 0);
  bar.style.width = `${width > 0 ? Math.min(Math.abs(item.value) / width, 1) * 100 : 0}%`;
  bar.style.backgroundColor = item.colour ?? "";
}
