// Training rows in the picture: the more like the current row in what is held fixed, the stronger.

import { ramp, rgbOf } from "./colours.js";
import { placeBetween } from "./spread.js";

const RADIUS = 3.5;  // CSS pixels
const FAINT = 0.25;
const ALIKE = 0.2;  // apart, on average, in parts of the training data's ranges
const SCATTER = [0.7549, 0.5698];  // multiples of these fill a square evenly

/** Draw the training rows that a model keeps on a canvas that fills the plot. axes: [x, y]. scale: a regressor's. */
export function drawRows(canvas, model, axes, values, scale) {
  const pen = sized(canvas);
  const likeness = likenessTo(values, model, axes);
  pen.strokeStyle = getComputedStyle(canvas).color;
  model.plot_rows.forEach((row, k) => {
    const [x, y] = axes.map((axis, way) => placed(axis, row[axis.index], k * SCATTER[way]));
    if (x === null || y === null) return;
    pen.globalAlpha = FAINT + (1 - FAINT) * likeness(row);
    pen.fillStyle = `rgb(${colourOf(model, row.at(-1), scale).join(" ")})`;
    dot(pen, x * canvas.clientWidth, (1 - y) * canvas.clientHeight);
  });
}

function sized(canvas) {
  const density = devicePixelRatio;
  canvas.width = canvas.clientWidth * density;
  canvas.height = canvas.clientHeight * density;
  const pen = canvas.getContext("2d");
  pen.scale(density, density);
  return pen;
}

function placed(axis, value, scatter) {
  const place = axis.at(value);
  return place === null ? null : place + ((scatter % 1) - 0.5) * axis.spread;
}

function likenessTo(values, { features }, axes) {
  const fixed = [...features.keys()].filter((k) => axes.every((axis) => axis.index !== k));
  return (row) => {
    const apart = fixed.reduce((sum, k) => sum + distance(row[k], values[k], features[k]), 0) / fixed.length;
    return fixed.length ? Math.exp(-((apart / ALIKE) ** 2)) : 1;
  };
}

function distance(one, other, { deciles }) {
  const [low, high] = [deciles[0], deciles.at(-1)];
  if (one === other) return 0;
  if (!(low < high) || one === null || other === null) return 1;
  return Math.min(Math.abs(placeBetween(one, low, high) - placeBetween(other, low, high)), 1);
}

function dot(pen, x, y) {
  pen.beginPath();
  pen.arc(x, y, RADIUS, 0, 2 * Math.PI);
  pen.fill();
  pen.stroke();
}

const colourOf = (model, answer, scale) => (model.classes.length ? rgbOf(model, answer) : ramp(scale.at(answer)));
