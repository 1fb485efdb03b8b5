// The picture in words: what is answered to the current row, and under the pointer.

import { shortNumber, valueInWords } from "./words.js";

/** Return "length 1.4 cm, width 0.2 cm → small"; without an answer where there is none. */
export function placeInWords(axes, values, answer) {
  const place = axes.map(({ feature }, way) => `${feature.words} ${valueInWords(values[way], feature)}`).join(", ");
  return answer === null ? place : `${place} → ${answer}`;
}

/** Return the picture's text alternative. */
export function pictureInWords(axes, values, answer) {
  const [across, up] = axes.map(({ feature }) => feature.words);
  const [x, y] = axes.map(({ feature }, way) => valueInWords(values[way], feature));
  const there = answer === null ? "" : `: ${answer}`;
  return `Decision regions over ${across} and ${up}; the current row is at ${x}, ${y}${there}`;
}

/** Return a prediction in words. */
export function predictionInWords({ classes }, prediction) {
  if (prediction === null) return null;
  return classes.length ? classes.find(({ label }) => label === prediction)?.words ?? null : shortNumber(prediction);
}

/** Return the answer in a cell in words. */
export function cellInWords({ classes }, cell) {
  return classes.length ? classes[cell].words : `about ${shortNumber(cell)}`;
}
