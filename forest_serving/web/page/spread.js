// How the training data's numbers are spread, told by deciles and counts.

const WIDTH = 100;  // of the picture, in its own units
const HEIGHT = 20;

/** Return {low, high, min, max, step, round}: a slider's scale. Its ends are even steps; round keeps to low … high. */
export function scaleOf(deciles) {
  const [low, high] = [deciles[0], deciles.at(-1)];
  const isWhole = deciles.every(Number.isInteger);
  // About a hundred steps at least; each half of the range by itself, since the whole may be no finite number.
  const power = Math.floor(Math.log10(isWhole ? high / 1000 - low / 1000 : high / 100 - low / 100));
  const exponent = Number.isFinite(power) ? (isWhole ? Math.max(power, 0) : power) : 0;
  const step = Number(`1e${exponent}`);
  const even = (x) => Number(`${Math.round(x / step)}e${exponent}`);
  const round = (x) => Math.min(Math.max(even(x), low), high);
  return { low, high, min: even(Math.floor(low / step) * step), max: even(Math.ceil(high / step) * step), step, round };
}

/** Return how many rows lie in each part between deciles: as counted, or a tenth in each. */
export const parts = (deciles, counts) => (counts.length ? counts : deciles.slice(1).map(() => 1));

/** Return which share of the training data's numbers lies below x, from 0 to 1; between deciles on a straight line. */
export function shareBelow(x, deciles, counts) {
  const sizes = parts(deciles, counts);
  const total = sum(sizes);
  return sum(sizes.map((size, k) => size * partBelow(x, deciles[k], deciles[k + 1]))) / total;
}

/** Return the outline of a picture, 100 by 20, in which areas are shares of the training data. */
export function outline(deciles, counts, { min, max }) {
  const heights = densities(deciles, parts(deciles, counts));
  const tallest = Math.max(...heights);
  const x = (value) => (((value - min) / (max - min)) * WIDTH).toFixed(2);
  const steps = heights.map((height, k) =>
    `V${(HEIGHT * (1 - height / tallest)).toFixed(2)}H${x(deciles[k + 1])}`);
  return `M${x(deciles[0])},${HEIGHT}${steps.join("")}V${HEIGHT}Z`;
}

// Square roots, because a part that holds one value very often would leave nothing of the others. A part without a
// width is as tall as the narrowest that can be seen.
function densities(deciles, sizes) {
  const narrowest = (deciles.at(-1) - deciles[0]) / WIDTH;
  return sizes.map((size, k) => Math.sqrt(size / Math.max(deciles[k + 1] - deciles[k], narrowest)));
}

function partBelow(x, low, high) {
  if (x >= high) return 1;
  return x <= low ? 0 : (x - low) / (high - low);
}

export const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
