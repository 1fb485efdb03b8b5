// Text that somebody pastes becomes a row of the model.

import { asTyped, takesOthers } from "./categories.js";
import { count } from "./words.js";

const GAPS = new Set(["", "na", "n/a", "nan", "null", "none"]);
const TEXT_OR_GAP = /"(?:[^"\\]|\\.)*"|\bNaN\b/g;  // in JSON, where Python writes gaps as NaN
const DELIMITERS = ["\t", ";", ","];
const MAX_NAMED = 6;
const LONGEST = 60;  // characters of what somebody pasted, in a sentence

/**
 * Return {values, note}: the first row in a text, and what was passed over. The text is JSON (list, object, or
 * {"instances": […]}) or lines of values between tabs, semicolons or commas, with or without a header.
 *
 * Throws Error with a sentence that says what is wrong.
 */
export function readRow(text, model) {
  const trimmed = text.trim();
  if (trimmed === "") throw new Error("There is nothing to read.");
  return /^[[{]/.test(trimmed) ? readJson(trimmed, model) : readLines(trimmed, model);
}

function readJson(text, model) {
  let found = parsed(text);
  if (Array.isArray(found?.instances)) found = found.instances;
  const isMany = Array.isArray(found) && typeof found[0] === "object" && found[0] !== null;
  const row = isMany ? found[0] : found;
  const { values, note } = Array.isArray(row) ? inOrder(row, model) : byName(row, model);
  return { values, note: withRest(note, isMany ? found.length : 1) };
}

function parsed(text) {
  try {
    return JSON.parse(text.replace(TEXT_OR_GAP, (part) => (part === "NaN" ? "null" : part)));
  } catch (error) {
    throw new Error(`This begins like JSON, but is none: ${error.message}.`);
  }
}

function readLines(text, model) {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  const delimiter = DELIMITERS.find((sign) => cellsOf(lines[0], sign).length > 1) ?? ",";
  const cells = lines.map((line) => cellsOf(line, delimiter)).map((row) => row.map(decimal(delimiter)));
  if (!isHeader(cells[0], model)) return noted(inOrder(cells[0], model), lines.length);
  if (lines.length === 1) throw new Error("This is a header without a row below it.");
  if (cells[1].length !== cells[0].length) {
    throw new Error(`The header has ${cells[0].length} columns, and the row below it ${cells[1].length}.`);
  }
  return noted(byName(Object.fromEntries(cells[0].map((name, k) => [name, cells[1][k]])), model), lines.length - 1);
}

function isHeader(cells, { features }) {
  const names = new Set(features.flatMap(namesOf));
  return cells.some((cell) => names.has(cell.toLowerCase()));
}

// A cell in quotes may hold the delimiter, and a quote as two.
function cellsOf(line, delimiter) {
  const cell = new RegExp(`(?:^|${delimiter})\\s*(?:"((?:[^"]|"")*)"\\s*(?=${delimiter}|$)|([^${delimiter}]*))`, "g");
  return [...line.matchAll(cell)].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain.trim());
}

// "5,1" is a number where commas do not divide.
const decimal = (delimiter) => (cell) =>
  delimiter !== "," && /^[-+]?\d*,\d+$/.test(cell) ? cell.replace(",", ".") : cell;

function inOrder(cells, model) {
  const n = model.features.length;
  const last = String(cells.at(-1));
  const isLabelled = cells.length === n + 1
    && model.classes.some(({ label, name }) => String(label) === last || name === last);
  if (cells.length !== n && !isLabelled) {
    throw new Error(`This row has ${count(cells.length, "value")}; the model has ${n} features: ${named(model.features)}.`);
  }
  const values = model.features.map((feature, k) => valueOf(cells[k], feature));
  return { values, note: isLabelled ? `The last value, ${cut(last)}, is the answer and was passed over.` : "" };
}

function byName(record, model) {
  const given = new Map(Object.entries(record ?? {}).map(([name, value]) => [name.trim().toLowerCase(), value]));
  const keyOf = (feature) => namesOf(feature).find((name) => given.has(name));
  const absent = model.features.filter((feature) => keyOf(feature) === undefined && !feature.takes_missing);
  if (absent.length) throw new Error(`There is no value for ${named(absent)}.`);
  const keys = model.features.map(keyOf);
  const others = [...given.keys()].filter((key) => !keys.includes(key));
  const values = model.features.map((feature, k) => valueOf(given.get(keys[k]), feature));
  return { values, note: others.length ? `Passed over, because the model has no such feature: ${some(others)}.` : "" };
}

function valueOf(cell, feature) {
  if (cell === null || cell === undefined || GAPS.has(String(cell).trim().toLowerCase())) return gap(cell, feature);
  return feature.categories.length ? categoryOf(cell, feature) : numberOf(cell, feature);
}

function gap(cell, feature) {
  const category = feature.categories.find((each) => each === cell);  // "none" may be one
  if (category !== undefined) return category;
  if (feature.takes_missing) return null;
  throw new Error(`The value of ${feature.name} is missing, and the model takes no gaps there.`);
}

function numberOf(cell, feature) {
  const number = typeof cell === "boolean" ? NaN : Number(cell);
  if (Number.isFinite(number)) return number;
  throw new Error(`The value of ${feature.name} is ${written(cell)}, which is no number.`);
}

function categoryOf(cell, feature) {
  const listed = feature.categories.find((each) => same(each, cell));
  const category = listed ?? (takesOthers(feature) ? asTyped(cell, feature) : undefined);
  if (category === undefined) {
    throw new Error(`The value of ${feature.name} is ${written(cell)}; it may be ${some(feature.categories)}.`);
  }
  return category;
}

// A table writes True, and JSON true.
const same = (category, cell) => (typeof category === "boolean"
  ? String(category) === String(cell).toLowerCase() : String(category) === String(cell));

const namesOf = ({ name, words, column, spellings }) =>
  [name, words, column, ...spellings].map((each) => each.toLowerCase());

const noted = ({ values, note }, nRows) => ({ values, note: withRest(note, nRows) });

const withRest = (note, nRows) => (nRows > 1 ? `The first of ${count(nRows, "row")}. ${note}` : note).trim();

const named = (features) => some(features.map(({ name }) => name));

// JSON has no word for what is beyond the largest number.
const written = (cell) => (typeof cell === "number" ? String(cell) : cut(JSON.stringify(cell)));

const cut = (text) => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);

function some(words) {
  const rest = words.length - MAX_NAMED;
  return words.slice(0, MAX_NAMED).map((word) => cut(String(word))).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}
