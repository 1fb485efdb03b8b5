// The current row in the picture: dragged, moved with arrow keys, or set by a click into the picture.

import { h } from "./dom.js";

const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] };
const FAR = 10;  // presses in one, with the shift key

/** Puts itself into the plot. */
export class Mark {
  #plot;
  #row;
  #axes = [];
  #node = h("div", {
    className: "ring", tabIndex: 0, role: "slider", "aria-roledescription": "2D slider",
    "aria-label": "Current row in the picture", "aria-valuemin": 0, "aria-valuemax": 100,
  });

  constructor(plot, row) {
    this.#plot = plot;
    this.#row = row;
    this.#node.addEventListener("keydown", (event) => this.#press(event));
    plot.addEventListener("pointerdown", (event) => this.#grip(event));
    plot.addEventListener("click", (event) => event.target !== this.#node && this.#move(event, false));
    plot.append(this.#node);
  }

  /** Show where the row is, if it has a place on these axes. */
  place(axes) {
    this.#axes = axes;
    const [x, y] = axes.map((axis) => axis.at(this.#row.values[axis.index]));
    this.#node.hidden = x === null || y === null;
    this.#node.style.left = percent(x);
    this.#node.style.bottom = percent(y);
    this.#node.setAttribute("aria-valuenow", Math.round(within(x) * 100));
  }

  /** Say where the row is, and what is answered there. */
  tell(words) {
    this.#node.setAttribute("aria-valuetext", words);
  }

  #grip(event) {
    const onMark = event.target === this.#node;
    if (event.button !== 0 || (event.pointerType === "touch" && !onMark)) return;  // a finger may want to scroll
    event.preventDefault();
    if (!onMark) this.#move(event, true);
    this.#node.focus({ preventScroll: true });
    const move = (later) => this.#move(later, true);
    this.#node.setPointerCapture(event.pointerId);
    this.#node.addEventListener("pointermove", move);
    this.#node.addEventListener("lostpointercapture", (last) => {
      this.#node.removeEventListener("pointermove", move);
      this.#set(this.#axes.map((axis) => this.#row.values[axis.index]), false);
    }, { once: true });
  }

  #move(event, dragging) {
    const place = placeOf(event, this.#plot);
    this.#set(this.#axes.map((axis, way) => axis.valueAt(place[way])), dragging);
  }

  #press(event) {
    const way = KEYS[event.key];
    if (!way) return;
    event.preventDefault();
    const presses = event.shiftKey ? FAR : 1;
    this.#set(this.#axes.map((axis, k) => moved(axis, this.#row.values[axis.index], way[k] * presses)), false);
  }

  #set(values, dragging) {
    const [x, y] = this.#axes;
    this.#row.set(x.index, values[0], true);  // the second change follows at once
    this.#row.set(y.index, values[1], dragging);
  }
}

/** Return where a pointer is in a plot: 0 to 1, from the left and from the bottom. */
export function placeOf({ clientX, clientY }, plot) {
  const { left, bottom, width, height } = plot.getBoundingClientRect();
  return [within((clientX - left) / width), within((bottom - clientY) / height)];
}

const moved = (axis, value, n) => (n ? axis.moved(value, n) : value);
const within = (t) => Math.min(Math.max(t, 0), 1);
const percent = (t) => `${within(t) * 100}%`;
