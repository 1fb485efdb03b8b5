// Asks for the picture: only if something in it changed, and in time for a hand that drags.

import { ask, newest } from "./ask.js";
import { Cells } from "./regions_cells.js";
import { Pace } from "./regions_pace.js";

/**
 * Calls show(cells, axes) with each new picture, and fail(refusal) where there is none. wait(answer) is given the
 * promise of each, and returns what it resolves to.
 */
export class Asking {
  #wanted = "";  // what is to be seen in the picture that is there or on its way
  #side = 0;
  #pace = new Pace();
  #stop = new AbortController();  // of the request on its way
  #send;

  constructor(model, { show, fail, wait }) {
    this.#send = newest(async (question, axes) => {
      const started = performance.now();
      this.#stop = new AbortController();
      try {
        show(await wait(answered(model, question, this.#stop.signal)), axes);
        this.#pace.took(question.columns, performance.now() - started);
      } catch (refusal) {
        if (refusal.name === "AbortError") return;
        this.#wanted = "";
        fail(refusal);
      }
    });
  }

  /** Ask for the regions of two axes around a row; a coarser picture will do while somebody drags, if it is quicker. */
  follow(instance, axes, isHurried) {
    const question = { instance, x: axes[0].asked, y: axes[1].asked };
    const wanted = JSON.stringify(question);
    const side = this.#pace.side(isHurried);
    if (wanted === this.#wanted && side <= this.#side) return;
    if (side < this.#side) this.#stop.abort();  // a hand that drags again does not wait for a fine picture
    [this.#wanted, this.#side] = [wanted, side];
    this.#send({ ...question, columns: side, rows: side }, axes);
  }
}

async function answered(model, question, signal) {
  const { buffer, headers } = await ask("ui/regions", question, { binary: true, signal });
  return new Cells(model, buffer, Number(headers.get("x-columns")), Number(headers.get("x-rows")));
}
