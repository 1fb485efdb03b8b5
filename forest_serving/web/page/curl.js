// The request of the current row, as a line for a terminal.

import { hasKey, urlOf } from "./ask.js";
import { h } from "./dom.js";

const SAFE = /^[\w@%+=:,./-]+$/;  // what a shell leaves alone

/** Return {node, show(values)}: the line, and a button that copies it. */
export function curlLine(path) {
  const code = h("code");
  const line = h("pre", { tabIndex: 0, role: "region", "aria-label": "Request as a curl command" }, code);
  const button = h("button", { className: "button", type: "button", onclick: () => copy(code, button) }, "Copy");
  const node = h("div", { className: "curl" }, h("h3", {}, "From a terminal"), button, line);
  return { node, show: (values) => { code.textContent = curlOf(path, values); } };
}

/** Return the command: quoted for a POSIX shell, with a placeholder where a key is needed. */
export function curlOf(path, values) {
  const key = hasKey() ? ' -H "Authorization: Bearer <key>"' : "";
  return `curl ${quoted(urlOf(path))}${key} --data ${quoted(body(values))}`;
}

const body = (values) => `{"instances": [[${values.map((value) => JSON.stringify(value)).join(", ")}]]}`;

const quoted = (text) => (SAFE.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

async function copy(code, button) {
  const isCopied = await navigator.clipboard?.writeText(code.textContent).then(() => true, () => false);
  button.textContent = isCopied || copiedTheOldWay(code) ? "Copied" : "Press Ctrl+C";
  setTimeout(() => { button.textContent = "Copy"; }, 2000);
}

// Without HTTPS, browsers have no clipboard but this; what is selected can be copied by hand, too.
function copiedTheOldWay(code) {
  getSelection().selectAllChildren(code);
  return document.execCommand("copy");
}
