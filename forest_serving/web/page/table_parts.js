// The rows of a file, in parts that the server takes in one request.

import { CsvError, piecesOf } from "./csv.js";
import { columnsOf } from "./table_columns.js";
import { valueOf } from "./table_values.js";
import { count } from "./words.js";

const MOST_ROWS = 2000;
const MOST_VALUES = 50_000; // there and back: writing and reading them holds the page up
const AROUND_BYTES = 100; // of a request, around its rows
const encoder = new TextEncoder();

/**
 * Yield `{rows, columns, form, bytes}`. rows: `{number, cells, values}`, or `{number, cells, fault}` where a row cannot
 * be sent; columns: see columnsOf; form, bytes: see piecesOf, where the part begins. Throws CsvError.
 */
export async function* partsOf(file, model) {
  let part = null;
  for await (const { rows, ...origin } of rowsOf(file, model)) {
    for (const row of rows) {
      if (part && !part.takes(row)) {
        yield part;
        part = null;
      }
      part ??= new Part(model, origin);
      part.add(row);
    }
  }
  if (part) yield part;
}

class Part {
  rows = [];

  constructor({ features, classes, max_rows, max_body_bytes }, origin) {
    Object.assign(this, origin);
    this.most = Math.min(MOST_ROWS, max_rows, Math.ceil(MOST_VALUES / (features.length + classes.length)));
    this.room = max_body_bytes - AROUND_BYTES;
  }

  takes(row) {
    return this.rows.length < this.most && row.size <= this.room;
  }

  add(row) {
    this.rows.push(row);
    this.room -= row.size;
  }
}

async function* rowsOf(file, model) {
  let reader = null;
  for await (const { records, ...origin } of piecesOf(file)) {
    if (!reader && records.length) {
      reader = new RowReader(model, records[0]);
      if (reader.columns.hasNames) records.shift();
    }
    yield { rows: records.map((cells) => reader.read(cells)), columns: reader?.columns, ...origin };
  }
  if (!reader) throw new CsvError("The file is empty.");
}

class RowReader {
  number = 0; // of the last row

  constructor(model, first) {
    this.columns = columnsOf(model, first);
    this.readers = model.features.map(valueOf);
  }

  read(cells) {
    const { names, places } = this.columns, number = ++this.number;
    const fits = cells.length >= names.length && cells.slice(names.length).every((cell) => !cell.trim());
    if (!fits) return { number, cells, fault: `It has ${count(cells.length, "cell")}, not ${names.length}.`, size: 0 };
    const values = this.readers.map((read, position) => read(cells[places[position]]));
    return { number, cells, values, size: encoder.encode(JSON.stringify(values)).length + 1 };
  }
}
