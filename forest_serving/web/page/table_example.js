// A file to begin with: rows that the model keeps for pictures, or else the card's example.

import { lineOf } from "./csv_lines.js";

/** Return a CSV file that the table takes. */
export function exampleFile({ features, plot_rows, example }) {
  const line = lineOf(",");
  const rows = plot_rows.length ? plot_rows.map((row) => row.slice(0, features.length)) : [example];
  return new Blob([features.map(({ name }) => name), ...rows].map(line), { type: "text/csv;charset=utf-8" });
}
