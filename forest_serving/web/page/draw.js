// Rows made up from what the card says of the training data.

import { parts, scaleOf, sum } from "./spread.js";

/** Return one of the training rows that the model keeps; where it keeps none, each value drawn by itself. */
export function drawnRow(model) {
  if (model.plot_rows.length === 0) return model.features.map(drawn);
  return one(model.plot_rows).slice(0, model.features.length);
}

function drawn(feature) {
  const { categories, deciles, counts, n_missing: nMissing } = feature;
  if (feature.takes_missing && Math.random() < nMissing / (nMissing + sum(counts))) return null;
  if (categories.length) return categories[weighted(counts.length ? counts : categories.map(() => 1))];
  const part = weighted(parts(deciles, counts));
  return scaleOf(deciles).round(deciles[part] + Math.random() * (deciles[part + 1] - deciles[part]));
}

function weighted(weights) {
  let rest = Math.random() * sum(weights);
  return Math.max(weights.findIndex((weight) => (rest -= weight) < 0), 0);
}

const one = (list) => list[Math.floor(Math.random() * list.length)];
