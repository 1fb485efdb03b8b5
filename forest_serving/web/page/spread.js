// How the training data's numbers are spread, told by deciles and counts.

const WIDTH = 100;  // of the picture, in its own units
const HEIGHT = 20;

/** Return {low, high, min, max, step, round}: a slider's scale, whose ends are even; round keeps to low … high. */
export function scaleOf(deciles) {
  const [low, high] = [deciles[0], deciles.at(-1)];
  const isWhole = deciles.every(Number.isInteger);
  // About a hundred steps at least; each half of the range by itself, since the whole may be no finite number.
  const power = Math.floor(Math.log10(isWhole ? high / 1000 - low / 1000 : high / 100 - low / 100));
  const exponent = Number.isFinite(power) ? (isWhole ? Math.max(power, 0) : power) : 0;
  const step = Number(`1e${exponent}`);
  const even = (steps) => Math.min(Math.max(Number(`${steps}e${exponent}`), -Number.MAX_VALUE), Number.MAX_VALUE);
  const round = (x) => Math.min(Math.max(even(Math.round(x / step)), low), high);
  return { low, high, min: even(Math.floor(low / step)), max: even(Math.ceil(high / step)), step, round };
}

/** Return where x is from low (0) to high (1); each half by itself, since the whole may be no finite number. */
export const placeBetween = (x, low, high) => (x / 2 - low / 2) / (high / 2 - low / 2);

/** Return how many rows lie in each part between deciles: as counted, or a tenth in each. */
export const parts = (deciles, counts) => (counts.length ? counts : deciles.slice(1).map(() => 1));

/** Return which share of the training data's numbers lies below x, from 0 to 1; between deciles on a straight line. */
export function shareBelow(x, deciles, counts) {
  const sizes = parts(deciles, counts);
  const total = sum(sizes);
  return sum(sizes.map((size, k) => size * partBelow(x, deciles[k], deciles[k + 1]))) / total;
}

/** Return the outline of a picture, 100 by 20, whose columns tell where the training data's numbers lie. */
export function outline(deciles, counts, { min, max }) {
  const places = deciles.map((decile) => placeBetween(decile, min, max));
  const one = deciles.every(Number.isInteger) ? placeBetween(min + 1, min, max) : 0;
  const columns = columnsOf(places, parts(deciles, counts), one);
  // Square roots, because a part that holds one value very often would leave nothing of the others.
  const height = ({ from, to, size }) => Math.sqrt(size / (to - from));
  const tallest = Math.max(...columns.map(height));
  const x = (place) => (place * WIDTH).toFixed(2);
  const y = (column) => (HEIGHT * (1 - height(column) / tallest)).toFixed(2);
  return columns.map((column) => `M${x(column.from)},${HEIGHT}V${y(column)}H${x(column.to)}V${HEIGHT}Z`).join("");
}

// A part between two deciles, told by their places, holds the upper one. Whole numbers, of which one is the distance,
// get columns around them; a part without a width, which holds one value, gets one that can be seen, and several such
// parts share it.
function columnsOf(places, sizes, one) {
  const half = (one || 1 / WIDTH) / 2;
  const columns = new Map();
  sizes.forEach((size, k) => {
    const [low, high] = [places[k], places[k + 1]];
    const [from, to] = low === high ? [low - half, high + half] : one ? [low + half, high + half] : [low, high];
    columns.set(`${from} ${to}`, { from, to, size: size + (columns.get(`${from} ${to}`)?.size ?? 0) });
  });
  return [...columns.values()];
}

function partBelow(x, low, high) {
  if (x >= high) return 1;
  return x <= low ? 0 : placeBetween(x, low, high);
}

export const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
