// The row that the whole page is about.

/** A row as a client sends it: number, string, boolean or null for each feature. Dispatches "change". */
export class Row extends EventTarget {
  /** Whether a slider or the picture is being dragged: more changes follow at once. */
  dragging = false;

  /** What the server answered last: {values, prediction}; prediction is null where it refused. Dispatches "answer". */
  answer = null;

  constructor(values) {
    super();
    this.values = [...values];
  }

  /** Change one value. The last call of a drag has dragging = false. */
  set(index, value, dragging = false) {
    this.values[index] = value;
    this.#changed(dragging);
  }

  /** Change all values. */
  setAll(values) {
    this.values = [...values];
    this.#changed(false);
  }

  /** Tell what the server answers to values. */
  answered(values, prediction) {
    this.answer = { values, prediction };
    this.dispatchEvent(new Event("answer"));
  }

  #changed(dragging) {
    this.dragging = dragging;
    this.dispatchEvent(new Event("change"));
  }
}
