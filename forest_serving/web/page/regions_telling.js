// Says in words what is answered to the current row, and under the pointer.

import { placeOf } from "./regions_mark.js";
import { cellInWords, pictureInWords, placeInWords, predictionInWords } from "./regions_words.js";

export class Telling {
  #axes = [];
  #cells = null;
  #pointer = null;  // its place, [x, y] from 0 to 1

  constructor(model, row, frame, mark) {
    Object.assign(this, { model, row, frame, mark });
    row.addEventListener("answer", () => this.#tell());
    frame.plot.addEventListener("pointermove", (event) => this.#point(placeOf(event, frame.plot)));
    frame.plot.addEventListener("pointerleave", () => this.#point(null));
  }

  /** There are other axes, or other cells; null for none yet. */
  follow(axes, cells) {
    this.#axes = axes;
    this.#cells = cells;
    this.#tell();
  }

  #point(place) {
    this.#pointer = place;
    this.#tell();
  }

  #tell() {
    const { values, prediction } = this.row.answer ?? { values: this.row.values, prediction: null };
    const answer = predictionInWords(this.model, prediction);
    const here = this.#axes.map(({ index }) => values[index]);
    const words = placeInWords(this.#axes, here, answer);
    this.mark.tell(words);
    this.frame.tell(this.#pointed() ?? `Current row: ${words}`, pictureInWords(this.#axes, here, answer));
  }

  #pointed() {
    if (!this.#pointer || !this.#cells || this.row.dragging) return null;
    const values = this.#axes.map((axis, way) => axis.valueAt(this.#pointer[way]));
    return `Here: ${placeInWords(this.#axes, values, cellInWords(this.model, this.#cells.at(...this.#pointer)))}`;
  }
}
