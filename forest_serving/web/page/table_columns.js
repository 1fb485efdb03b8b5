// Which column of a file is which feature, and whether its first record names them.

import { CsvError } from "./csv.js";
import { valueOf } from "./table_values.js";
import { count } from "./words.js";

const MOST_NAMES = 12; // in a sentence
const UNKNOWN = -1;

/**
 * Return `{names, places, hasNames}`: the names of all columns, where each feature stands among them, and whether the
 * first record is one of names. Throws CsvError where columns are missing or come twice.
 */
export function columnsOf(model, first) {
  const meant = first.map(meaningOf(model));
  const isRow = meant.includes(UNKNOWN) && looksLikeRow(model, first); // numbers can be names, too
  if (isRow) return { names: model.features.map(({ name }) => name), places: [...first.keys()], hasNames: false };
  const places = model.features.map((feature, position) => placeOf(feature, position, meant));
  const missing = model.features.filter((feature, position) => places[position] < 0);
  if (missing.length) throw new CsvError(lacking(missing, first));
  return { names: first, places, hasNames: true };
}

/** Return a function that says which feature a name means: by its exact names, else by their letters and digits. */
function meaningOf(model) {
  const exact = new Map(), loose = new Map();
  model.features.forEach((feature, position) => {
    for (const name of [feature.name, feature.column, ...feature.spellings]) {
      exact.set(name, position);
      loose.set(plain(name), (loose.get(plain(name)) ?? position) === position ? position : UNKNOWN);
    }
  });
  return (name) => exact.get(name) ?? loose.get(plain(name)) ?? UNKNOWN;
}

const plain = (name) => name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim() || name;

function placeOf(feature, position, meant) {
  const place = meant.indexOf(position), other = meant.indexOf(position, place + 1);
  if (place >= 0 && other >= 0) {
    throw new CsvError(`Columns ${place + 1} and ${other + 1} both are ${feature.name}. Rename or remove one.`);
  }
  return place;
}

function looksLikeRow({ features }, cells) {
  if (cells.length !== features.length) return false;
  return features.every((feature, place) => {
    const value = valueOf(feature)(cells[place]);
    if (value === null) return true;
    return feature.categories.length ? feature.categories.includes(value) : typeof value === "number";
  });
}

function lacking(missing, first) {
  const needed = listed(missing.map(({ name }) => name));
  const lacks = `The file lacks ${count(missing.length, "column")} that the model needs: ${needed}.`;
  return `${lacks} Its first line has ${listed(first.map((name) => `“${name.trim()}”`))}.`;
}

function listed(names) {
  const shown = names.slice(0, MOST_NAMES).map((name) => name.slice(0, 60)).join(", ");
  return names.length > MOST_NAMES ? `${shown} and ${names.length - MOST_NAMES} more` : shown;
}
