// How fine a picture can be while somebody drags.

const WHOLE = 400;  // cells a side
const COARSEST = 8;  // times as wide and high are the cells of the coarsest
const QUICK_MS = 25;  // for the cells; the way to the server and back comes on top

/** Learns from how long pictures took. */
export class Pace {
  #wholeMs = 0;
  #coarse = null;  // {side, ms}

  /** Return how many cells a side to ask for. */
  side(isHurried) {
    const factor = isHurried ? Math.ceil(Math.sqrt(this.#cellsMs() / QUICK_MS)) : 1;
    return Math.floor(WHOLE / Math.min(Math.max(factor, 1), COARSEST));
  }

  /** A picture of side × side cells took so long. */
  took(side, ms) {
    if (side === WHOLE) this.#wholeMs = this.#wholeMs ? (this.#wholeMs + ms) / 2 : ms;
    else this.#coarse = { side, ms };
  }

  // What the cells of a whole picture take: what grows with their number.
  #cellsMs() {
    if (!this.#coarse) return this.#wholeMs;
    const { side, ms } = this.#coarse;
    return Math.max(this.#wholeMs - ms, 0) / (1 - (side / WHOLE) ** 2);
  }
}
