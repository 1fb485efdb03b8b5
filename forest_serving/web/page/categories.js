// Which categories may be sent that the model does not list.

/** Return whether a feature takes others than its own. Of two truth values there is no third. */
export const takesOthers = ({ categories, takes_unknown: takesUnknown }) =>
  takesUnknown && typeof categories[0] !== "boolean";

/** Return what somebody typed as a category: of the type of the others, or undefined where it cannot be. */
export function asTyped(text, { categories }) {
  if (typeof categories[0] !== "number") return String(text);
  return text !== "" && Number.isFinite(Number(text)) ? Number(text) : undefined;
}
