// Lines of CSV to save, in the form of the file that they come from.

// Spreadsheets run a text that begins like this, some of them after spaces or with wide letters; whoever wrote the file
// may want them to.
const FORMULA = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]./s;

/** Return a function from cells (texts, numbers, booleans, or null for none) to a line. */
export function lineOf(separator) {
  const special = new RegExp(`["\r\n${separator}]`);
  const quoted = (text) => (special.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return (cells) => `${cells.map((cell) => quoted(safe(cell))).join(separator)}\r\n`;
}

/** Return a cell's text; one that a spreadsheet would run gets an apostrophe in front, but a number never does. */
function safe(cell) {
  if (typeof cell !== "string") return cell === null ? "" : String(cell);
  return FORMULA.test(cell) && Number.isNaN(Number(cell)) ? `'${cell}` : cell;
}

/** Return names for further columns: those that are taken get a number. */
export function unlike(names, taken) {
  return names.map((name) => {
    const numbered = [name, ...taken.map((_, place) => `${name} (${place + 2})`)];
    return numbered.find((each) => !taken.includes(each)) ?? name;
  });
}
