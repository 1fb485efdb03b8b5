// The row in the address, so that a link can be shared. What follows # stays in the browser.

import { readRow } from "./read_row.js";

const START = "#row=";
const WAIT_MS = 300;  // browsers refuse an address that changes too often

/** Return the row in the address, or null where there is none. Throws Error if it does not fit the model. */
export function linkedRow(model) {
  if (!location.hash.startsWith(START)) return null;
  return readRow(decoded(location.hash.slice(START.length)), model).values;
}

/** Write the row into the address whenever it has changed, and take one that somebody writes there. */
export function keepLink(row, model, refuse) {
  const write = () => history.replaceState(null, "", START + encodeURIComponent(JSON.stringify(row.values)));
  let timer;
  row.addEventListener("change", () => {
    clearTimeout(timer);
    timer = setTimeout(write, WAIT_MS);
  });
  addEventListener("hashchange", () => {
    try {
      const values = linkedRow(model);
      if (values) row.setAll(values);
    } catch (error) {
      refuse(error);
    }
  });
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error("it is cut off or damaged.");
  }
}
