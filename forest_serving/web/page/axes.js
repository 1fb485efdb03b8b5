// Axes of a picture: where a value of a feature stands, from 0 (left, bottom) to 1, and what the ticks say.

import { placeBetween, scaleOf } from "./spread.js";
import { nameInWords, shortNumber } from "./words.js";

const MARGIN = 0.05;  // of the training data's range, on both sides
const N_TICKS = 5;

/** Return the axis of a row's feature. A number outside the training data's range is on it, too. */
export function axisOf(model, index, value) {
  const feature = model.features[index];
  return feature.categories.length ? new Bands(feature, index) : new Range(feature, index, value);
}

// Parts of a range are taken from each end by itself, since the whole may be no finite number.
class Range {
  constructor(feature, index, value) {
    const known = Number.isFinite(value) ? [...feature.deciles, value] : feature.deciles;
    const [low, high] = [Math.min(...known), Math.max(...known)];
    const margin = high * MARGIN - low * MARGIN || Math.abs(high) * MARGIN || 1;
    Object.assign(this, { feature, index, spread: 0, step: scaleOf(feature.deciles).step });
    this.from = Math.max(low - margin, feature.lowest ?? -Number.MAX_VALUE);
    this.to = Math.min(high + margin, feature.highest ?? Number.MAX_VALUE);
  }

  /** What the server is asked for. */
  get asked() {
    return { feature: this.feature.name, from: this.from, to: this.to };
  }

  get ticks() {
    return roundNumbers(this.from, this.to).map((x) => ({ at: this.at(x), text: shortNumber(x) }));
  }

  at(value) {
    return Number.isFinite(value) ? placeBetween(value, this.from, this.to) : null;
  }

  valueAt(t) {
    return this.#rounded(this.from * (1 - t) + this.to * t);
  }

  /** Return the value after n presses of a key, of which a hundred lead across. */
  moved(value, n) {
    return this.#rounded(value + n * Math.max(this.to / 100 - this.from / 100, this.step));
  }

  #rounded(value) {
    const round = decimal(Math.round(value / this.step) * this.step);
    return Math.min(Math.max(round, this.from), this.to);
  }
}

class Bands {
  constructor(feature, index) {
    Object.assign(this, { feature, index, n: feature.categories.length });
    this.spread = 0.7 / this.n;  // where rows of one category may be drawn beside each other
  }

  get asked() {
    return { feature: this.feature.name };
  }

  get ticks() {
    return this.feature.categories.map((category, k) => ({ at: (k + 0.5) / this.n, text: nameInWords(category) }));
  }

  at(value) {
    const place = this.feature.categories.indexOf(value);
    return place < 0 ? null : (place + 0.5) / this.n;
  }

  valueAt(t) {
    return this.#category(Math.floor(t * this.n));
  }

  moved(value, n) {
    return this.#category(this.feature.categories.indexOf(value) + Math.sign(n));
  }

  #category(place) {
    return this.feature.categories[Math.min(Math.max(place, 0), this.n - 1)];
  }
}

function roundNumbers(from, to) {
  const rough = to / N_TICKS - from / N_TICKS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((digit) => digit * power >= rough) * power;
  const first = Math.ceil(from / step);
  return Array.from({ length: Math.floor(to / step) - first + 1 }, (_, k) => decimal((first + k) * step));
}

// 0.1 + 0.2 is 0.30000000000000004.
const decimal = (x) => Number(x.toPrecision(12));
