// Answers to a grid of cells, and how they look on a canvas.

import { ramp, rgbOf } from "./colours.js";
import { placeBetween } from "./spread.js";

const STRENGTH = 0.4;  // of a class's colour, so that the training rows stand out
const EDGE = 0.6;  // of the text's colour, where two classes meet
const SIDE = 400;
const N_SHADES = 256;

/** Answers row by row from the lowest: positions of classes, or a regressor's numbers. */
export class Cells {
  constructor(model, buffer, columns, rows) {
    this.answers = new (typeOf(model))(buffer);
    this.columns = columns;
    this.rows = rows;
  }

  /** The answer at a place, 0 to 1 from the left and from the bottom. */
  at(x, y) {
    return this.answers[placed(y, this.rows) * this.columns + placed(x, this.columns)];
  }
}

/** Return how a regressor's numbers are told in colours: the same in all its pictures. at gives 0 to 1. */
export function scaleOf({ answer_deciles: deciles }, cells) {
  const [low, high] = deciles.length ? [deciles[0], deciles.at(-1)] : ends(cells.answers);
  return { low, high, at: (x) => (high > low ? placeBetween(x, low, high) : 0.5) };
}

/** Draw cells on a canvas of SIDE pixels or so, with a thin line where two classes meet. scale: a regressor's. */
export function draw(canvas, cells, model, scale) {
  const [across, up] = [pixelsOf(cells.columns), pixelsOf(cells.rows)];
  const [width, height] = [across.length - 1, up.length - 1];
  const image = new ImageData(width, height);
  const colour = model.classes.length ? classColour(model, getComputedStyle(canvas).color) : shade(scale);
  fill(new Uint32Array(image.data.buffer), cells, across, up, colour);
  Object.assign(canvas, { width, height });
  canvas.getContext("2d").putImageData(image, 0, 0);
}

// The cell of each pixel, and of one behind the last, whose neighbour it is.
function pixelsOf(n) {
  const each = Math.max(Math.floor(SIDE / n), 1);
  return Uint16Array.from({ length: n * each + 1 }, (_, k) => Math.min(Math.floor(k / each), n - 1));
}

function fill(pixels, { answers, columns }, across, up, colour) {
  const [width, height] = [across.length - 1, up.length - 1];
  for (let y = 0; y < height; y++) {
    const [line, above, to] = [up[y] * columns, up[y + 1] * columns, (height - 1 - y) * width];
    for (let x = 0; x < width; x++) {
      const cell = line + across[x];
      pixels[to + x] = colour(answers[cell], answers[line + across[x + 1]], answers[above + across[x]]);
    }
  }
}

function classColour(model, text) {
  const colours = Uint32Array.from(model.classes, (_, k) => pixel(rgbOf(model, k), STRENGTH));
  const edge = pixel(text.match(/[\d.]+/g).map(Number), EDGE);
  return (here, right, above) => (here === right && here === above ? colours[here] : edge);
}

function shade(scale) {
  const colours = Uint32Array.from({ length: N_SHADES }, (_, k) => pixel(ramp(k / (N_SHADES - 1)), 1));
  return (here) => colours[Math.round(Math.min(Math.max(scale.at(here), 0), 1) * (N_SHADES - 1))];
}

function typeOf({ classes }) {
  if (classes.length === 0) return Float32Array;
  return classes.length > 256 ? Uint16Array : Uint8Array;
}

function ends(numbers) {
  return numbers.reduce(([low, high], x) => [Math.min(low, x), Math.max(high, x)], [Infinity, -Infinity]);
}

const placed = (t, n) => Math.min(Math.max(Math.floor(t * n), 0), n - 1);
// As ImageData holds it, read as whole numbers with the lowest byte first.
const pixel = ([red, green, blue], strength) =>
  ((Math.round(strength * 255) << 24) | (blue << 16) | (green << 8) | red) >>> 0;
