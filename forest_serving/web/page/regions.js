// A picture of the decision regions over any two features; the others are held fixed at the current row.

import { axisOf } from "./axes.js";
import { connection } from "./ask.js";
import { Asking } from "./regions_asking.js";
import { markedWhileLate } from "./late.js";
import { scaleOf } from "./regions_cells.js";
import { choiceOf, mostImportant, possible } from "./regions_choice.js";
import { Frame } from "./regions_frame.js";
import { Mark } from "./regions_mark.js";
import { Telling } from "./regions_telling.js";

export const applies = (model) => possible(model).length > 1;

export async function mount(root, model, row) {
  new Picture(root, model, row, await mostImportant(model, row.values)).follow();
}

class Picture {
  #indices;
  #axes = [];
  #cells = null;  // of these axes

  constructor(root, model, row, indices) {
    Object.assign(this, { model, row });
    this.#indices = indices;
    this.frame = new Frame(root, model, choiceOf(model, indices, (chosen) => this.#choose(chosen)));
    this.mark = new Mark(this.frame.plot, row);
    this.telling = new Telling(model, row, this.frame, this.mark);
    this.asking = new Asking(model, {
      show: (...found) => this.#show(...found),
      fail: ({ message }) => this.frame.fail(message),
      wait: (answer) => markedWhileLate(this.frame.plot, answer),
    });
    row.addEventListener("change", () => this.follow());
    connection.addEventListener("back", () => this.follow());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#draw());
    new ResizeObserver(() => this.#draw()).observe(this.frame.plot);
  }

  /** Show the row as it is now. */
  follow() {
    if (!this.row.dragging || !this.#axes.length) this.#measure();  // longer axes would run away from a hand that drags
    const instance = this.row.values.map((value, k) => (this.#indices.includes(k) ? this.model.example[k] : value));
    this.asking.follow(instance, this.#axes, this.row.dragging);
    this.mark.place(this.#axes);
  }

  #choose(indices) {
    this.#indices = [...indices];
    this.#axes = [];
    this.follow();
  }

  #measure() {
    const axes = this.#indices.map((index) => axisOf(this.model, index, this.row.values[index]));
    if (JSON.stringify(axes.map(({ asked }) => asked)) === JSON.stringify(this.#axes.map(({ asked }) => asked))) return;
    this.#axes = axes;
    this.#cells = null;
    this.frame.turn(axes);
    this.telling.follow(axes, null);
  }

  #show(cells, axes) {
    if (axes !== this.#axes) return;  // others were chosen meanwhile
    this.#cells = cells;
    this.#draw();
    this.telling.follow(axes, cells);
  }

  #draw() {
    if (!this.#cells) return;
    this.frame.draw(this.model, this.#cells, this.#axes, this.row.values, scaleOf(this.model, this.#cells));
  }
}
