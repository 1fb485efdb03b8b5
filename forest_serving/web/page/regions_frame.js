// What is around the regions: axes, legend, and what is under the pointer.

import { connection } from "./ask.js";
import { h } from "./dom.js";
import { draw } from "./regions_cells.js";
import { legendOf } from "./regions_legend.js";
import { drawRows } from "./regions_rows.js";

/** Puts itself into a section. plot is what holds the picture, and nothing else. */
export class Frame {
  #cells = h("canvas", { className: "cells", role: "img" });
  #rows = h("canvas", { className: "rows", "aria-hidden": "true" });
  #ticks = ["across", "up"].map((way) => h("div", { className: `ticks ${way}`, "aria-hidden": "true" }));
  #legend = h("div");
  #told = h("p", { className: "told" });
  #refusal = h("p", { className: "refused", role: "status", hidden: true });
  plot = h("div", { className: "plot" }, this.#cells, this.#rows);

  constructor(root, model, [across, up]) {
    const [ticksAcross, ticksUp] = this.#ticks;
    root.append(h("div", { className: "picture" },
      h("label", { className: "axis up" }, "Vertical", up), ticksUp, this.plot, ticksAcross,
      h("label", { className: "axis across" }, "Horizontal", across),
      h("div", { className: "beside" },
        this.#legend, this.#told, this.#refusal, h("p", { className: "hint" }, hint(model)))));
  }

  /** Show other axes, and nothing on them yet. */
  turn(axes) {
    this.#ticks.forEach((line, way) => line.replaceChildren(...axes[way].ticks.map((tick) => tickOf(tick, way))));
    for (const canvas of [this.#cells, this.#rows]) canvas.width = 0;
  }

  draw(model, cells, axes, values, scale) {
    draw(this.#cells, cells, model, scale);
    drawRows(this.#rows, model, axes, values, scale);
    this.#legend.replaceChildren(legendOf(model, cells, scale));
    this.#refusal.hidden = true;
    this.plot.classList.remove("stale");
  }

  /** Say what is seen, and to those who do not see it: label. */
  tell(told, label) {
    this.#told.textContent = told;
    this.#cells.setAttribute("aria-label", label);
  }

  fail(sentence) {
    this.#refusal.textContent = sentence;
    this.#refusal.hidden = connection.isGone;  // the banner says so already
    this.plot.classList.add("stale");
  }
}

function tickOf({ at, text }, way) {
  const node = h("span", { title: text }, text);
  node.style[way ? "bottom" : "left"] = `${at * 100}%`;
  return node;
}

function hint({ features, plot_rows: rows }) {
  const others = features.length > 2 ? "All other features stay as they are in the current row." : "";
  const alike = others && ": the stronger, the more like the current one";
  const dots = rows.length ? `Dots are training rows${alike}.` : "";
  return `${others} ${dots} Drag the ring, or click.`;
}
