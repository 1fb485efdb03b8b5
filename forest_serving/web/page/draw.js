// Rows made up from what the card says of the training data.

import { parts, scaleOf, sum } from "./spread.js";

/** Return one of the training rows that the model keeps; where it keeps none, each value drawn by itself. */
export function drawnRow(model) {
  const kept = model.plot_rows.length ? one(model.plot_rows) : [];
  return model.features.map((feature, k) => (isKept(kept[k], feature) ? kept[k] : drawn(feature)));
}

// A category that the card does not list is kept as null.
const isKept = (value, feature) => value !== undefined && (value !== null || feature.takes_missing);

function drawn(feature) {
  const { categories, deciles, counts, n_missing: nMissing } = feature;
  if (feature.takes_missing && Math.random() < nMissing / (nMissing + sum(counts))) return null;
  if (categories.length) return categories[weighted(counts.length ? counts : categories.map(() => 1))];
  const part = weighted(parts(deciles, counts));
  const share = Math.random();
  return scaleOf(deciles).round(deciles[part] * (1 - share) + deciles[part + 1] * share);
}

function weighted(weights) {
  let rest = Math.random() * sum(weights);
  return Math.max(weights.findIndex((weight) => (rest -= weight) < 0), 0);
}

const one = (list) => list[Math.floor(Math.random() * list.length)];
