// Prometheus' text format.

const LINE = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})?\s+([+-]?(?:Inf|NaN|\d[\d.]*(?:e[+-]?\d+)?))(?:\s+\S+)?\s*$/i;
const LABEL = /([A-Za-z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"/g;
const ESCAPED = { "\\\\": "\\", '\\"': '"', "\\n": "\n" };
const NUMBERS = { "+Inf": Infinity, "Inf": Infinity, "-Inf": -Infinity };

/** Return the samples of a text by their name: a Map of lists of {labels: {name: text}, value}, in the text's order. */
export function parseMetrics(text) {
  const found = new Map();
  for (const line of text.split("\n")) {
    const parts = line.startsWith("#") ? null : LINE.exec(line);
    if (!parts) continue;
    const [, name, labels, value] = parts;
    if (!found.has(name)) found.set(name, []);
    found.get(name).push({ labels: labelsOf(labels ?? ""), value: NUMBERS[value] ?? Number(value) });
  }
  return found;
}

const unescaped = (text) => text.replace(/\\["\\n]/g, (two) => ESCAPED[two]);

function labelsOf(text) {
  return Object.fromEntries([...text.matchAll(LABEL)].map(([, name, value]) => [name, unescaped(value)]));
}
