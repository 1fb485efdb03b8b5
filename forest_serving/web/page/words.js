// How the page writes numbers and values.

const PLAIN = new Intl.NumberFormat("en", { maximumSignificantDigits: 4 });
const RIGHT_TO_LEFT = /[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufeff]/;
const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** Return a number in about four digits: 5.1, 12,345, 1.2e-7. */
export function shortNumber(x) {
  const size = Math.abs(x);
  if (size !== 0 && (size < 1e-4 || size >= 1e9)) return minus(x.toExponential(2).replace(/\.?0+e\+?/, "e"));
  return minus(size >= 1000 ? WHOLE.format(x) : PLAIN.format(x));
}

/** Return a share as in "87 %", "0.3 %", "<0.1 %". */
export function percent(share) {
  const x = share * 100;
  if (x > 0 && x < 0.1) return "<0.1\u00a0%";
  if (x < 100 && x > 99.9) return ">99.9\u00a0%";
  const digits = x < 10 || x > 99 ? 1 : 0;
  return `${Number(x.toFixed(digits))}\u00a0%`;
}

/** Return a share to a tenth of a percent, as in "94.7 %". */
export const share = (x) => `${Number((x * 100).toFixed(1))}\u00a0%`;

/** Return a name or a category as it can be read: an empty one is said, one from right to left turns nothing else. */
export function nameInWords(name) {
  const text = String(name);
  if (text.trim() === "") return "(empty)";
  return RIGHT_TO_LEFT.test(text) ? `\u2068${text}\u2069` : text;
}

/** Return a number with the feature's unit. */
export function withUnit(x, feature) {
  return feature.unit ? `${shortNumber(x)}\u00a0${feature.unit}` : shortNumber(x);
}

/** Return a feature's value in words: number with unit, category, or "missing". */
export function valueInWords(value, feature) {
  if (value === null) return "missing";
  return feature.categories.length ? nameInWords(value) : withUnit(value, feature);
}

/** Return "1 row", "2 rows", "1,000 rows". */
export function count(n, word) {
  return `${WHOLE.format(n)}\u00a0${word}${n === 1 ? "" : word.endsWith("s") ? "es" : "s"}`;
}

const minus = (text) => text.replaceAll("-", "−");
