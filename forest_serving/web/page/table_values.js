// A cell of a file as a client would send it.

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** Return a function from the text of a cell to a value; what is none stays a text, which the server refuses. */
export function valueOf({ categories }) {
  const kind = typeof categories[0];
  if (kind === "string") return textOf(new Set(categories));
  return kind === "boolean" ? booleanIn : numberIn;
}

/** Return a text's number, null for an empty one, or else the text. */
export function numberIn(text) {
  const trimmed = text.trim();
  if (trimmed === "") return null;
  const number = NUMBER.test(trimmed) ? Number(trimmed) : NaN;
  return Number.isFinite(number) ? number : text;
}

function booleanIn(text) {
  const word = text.trim().toLowerCase();
  if (word === "") return null;
  return word === "true" || (word === "false" ? false : text);
}

/** Spaces around a category are dropped only where that makes it a known one. */
function textOf(known) {
  return (text) => {
    if (known.has(text)) return text;
    const trimmed = text.trim();
    if (known.has(trimmed)) return trimmed;
    return text === "" ? null : text;
  };
}
