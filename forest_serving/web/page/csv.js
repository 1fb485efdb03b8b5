// CSV, read as a stream: records of cells, with separators, line ends and quotes as spreadsheets write them.

const LONGEST_CELL = 2 ** 20; // characters; a longer one is a quote that nobody closed
const PIECE_BYTES = 2 ** 16;
const MARK = "\ufeff";
const SEPARATORS = [",", ";", "\t"];

/** What is wrong with a file, in a sentence. */
export class CsvError extends Error {}

/**
 * Yield a file piece by piece: `{records: [[cell, …], …], bytes, form}`. bytes says how many have been read so far;
 * form is `{separator, mark}`, where mark is what the file begins with to say that it is UTF-8, or empty.
 */
export async function* piecesOf(file) {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let form = null, splitter = null, bytes = 0;
  for await (const piece of bytesOf(file)) {
    const text = decoded(decoder, piece);
    form ??= formOf(text);
    splitter ??= new Splitter(form.separator);
    const records = splitter.push(bytes ? text : text.slice(form.mark.length));
    yield { records, bytes: (bytes += piece.length), form };
  }
  decoded(decoder);
  if (splitter) yield { records: splitter.end(), bytes, form };
}

/** Yield a file's bytes, few enough at a time that nothing on the page waits for them. */
async function* bytesOf(file) {
  const reader = file.stream().getReader();
  try {
    for (let read = await next(reader); !read.done; read = await next(reader)) {
      for (let at = 0; at < read.value.length; at += PIECE_BYTES) yield read.value.subarray(at, at + PIECE_BYTES);
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

async function next(reader) {
  try {
    return await reader.read();
  } catch {
    throw new CsvError("The file cannot be read any more: it was changed or moved. Choose it again.");
  }
}

function decoded(decoder, bytes) {
  try {
    return decoder.decode(bytes, { stream: bytes !== undefined });
  } catch {
    throw new CsvError("This is not text in UTF-8. In a spreadsheet, save it as “CSV UTF-8”.");
  }
}

const formOf = (text) => ({ mark: text.startsWith(MARK) ? MARK : "", separator: separatorOf(text) });

/** Return the separator of a text: the one that is most often in its first line, outside quotes. */
export function separatorOf(text) {
  const line = text.slice(0, 2 ** 16).replace(/"[^"]*"/g, "").replace(/^[\r\n]+/, "").split(/[\r\n]/, 1)[0];
  const counts = SEPARATORS.map((separator) => line.split(separator).length);
  return SEPARATORS[counts.indexOf(Math.max(...counts))];
}

/** Splits text that comes in pieces, cut anywhere. Empty lines are no records. */
export class Splitter {
  #record = [];
  #cell = "";
  #hasQuotes = false; // in the record: "" alone is an empty cell, and no empty line
  #step = this.#begin; // how to go on: #begin a cell, #plain, #quoted, or #closing after a quote within quotes
  #afterReturn = false;
  #done = [];
  #end;

  constructor(separator) {
    this.#end = new RegExp(`[\r\n${separator}]`, "g");
  }

  /** Return the records that end in this piece. */
  push(text) {
    for (let at = 0; at < text.length; ) at = this.#step(text, at);
    const done = this.#done;
    this.#done = [];
    return done;
  }

  /** Return the last record, if the text does not end with a line end. */
  end() {
    if (this.#step === this.#quoted) throw new CsvError(`A quote is not closed: ${shown(this.#cell)}`);
    if (this.#step !== this.#begin || this.#record.length) this.#close("\n");
    return this.#done;
  }

  #begin(text, at) {
    const isRest = this.#afterReturn && text[at] === "\n"; // of a line end of two characters
    this.#afterReturn = false;
    if (isRest) return at + 1;
    const isQuoted = text[at] === '"';
    this.#step = isQuoted ? this.#quoted : this.#plain;
    this.#hasQuotes ||= isQuoted;
    return isQuoted ? at + 1 : at;
  }

  #plain(text, at) {
    this.#end.lastIndex = at;
    const mark = this.#end.exec(text);
    this.#add(text.slice(at, mark?.index));
    if (mark) this.#close(mark[0]);
    return mark ? mark.index + 1 : text.length;
  }

  #quoted(text, at) {
    const quote = text.indexOf('"', at);
    this.#add(text.slice(at, quote < 0 ? undefined : quote));
    if (quote < 0) return text.length;
    this.#step = this.#closing;
    return quote + 1;
  }

  #closing(text, at) {
    const isDoubled = text[at] === '"';
    if (isDoubled) this.#add('"');
    this.#step = isDoubled ? this.#quoted : this.#plain;
    return isDoubled ? at + 1 : at;
  }

  #add(text) {
    this.#cell += text;
    if (this.#cell.length > LONGEST_CELL)
      throw new CsvError(`A cell is longer than a million characters; is a quote not closed? ${shown(this.#cell)}`);
  }

  #close(mark) {
    this.#record.push(this.#cell);
    this.#cell = "";
    this.#step = this.#begin;
    if (mark !== "\n" && mark !== "\r") return;
    this.#afterReturn = mark === "\r";
    if (this.#record.length > 1 || this.#record[0] || this.#hasQuotes) this.#done.push(this.#record);
    this.#record = [];
    this.#hasQuotes = false;
  }
}

function shown(text) {
  return `“${text.slice(0, 40).trim()}${text.length > 40 ? "…" : ""}”`;
}
