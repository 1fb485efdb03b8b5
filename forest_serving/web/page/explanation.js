// What an explanation from the server says of one class, or of a regressor's number.

/**
 * Return {position, base, parts, of}: the class, what the model answers on average, what each feature adds to it, and
 * what both are about, in words. chosen: the position of a class; by default the predicted one's.
 */
export function explained(model, explanation, chosen) {
  const position = hasOneScore(model, explanation) ? 1 : chosen ?? predictedBy(model, explanation);
  const pick = (found) => (Array.isArray(found) ? found[Math.min(position, found.length - 1)] : found);
  const parts = model.features.map(({ name }) => pick(explanation.contributions[name]));
  return { position, base: pick(explanation.base), parts, of: subject(model, explanation, position) };
}

/** Return whether both classes have one score: a booster's, for the second. */
export function hasOneScore({ classes }, { base }) {
  return classes.length > 0 && base.length === 1;
}

/** Return the position of the predicted class. */
export function predictedBy({ classes }, { prediction }) {
  return classes.findIndex(({ label }) => label === prediction);
}

function subject(model, explanation, position) {
  const name = model.classes[position]?.words;
  if (explanation.explains === "value") return model.label_column || "the answer";
  if (explanation.explains === "probability") return `the probability of ${name}`;
  if (name === undefined) return "the logarithm of the answer";
  return `the raw score of ${name}${hasOneScore(model, explanation) ? ", which is the answer above 0" : ""}`;
}
