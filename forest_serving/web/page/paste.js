// "Paste a row": a dialog with a text field, and pasting anywhere outside fields.

import { h } from "./dom.js";
import { readRow } from "./read_row.js";

const FIELDS = "input, textarea, select, dialog, [contenteditable]";

/** Return a function that opens the dialog. take(values, note) hears of the row, also of one pasted on the page. */
export function pasting(model, take) {
  const dialog = pasteDialog(model, take);
  document.body.append(dialog.node);
  document.addEventListener("paste", (event) => {
    if (event.target.closest?.(FIELDS) || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    pasted(event.clipboardData.getData("text"), model, take, dialog);
  });
  return () => dialog.open("");
}

function pasted(text, model, take, dialog) {
  try {
    const { values, note } = readRow(text, model);
    take(values, note || "Took the pasted row.");
  } catch (error) {
    dialog.open(text, error.message);
  }
}

function pasteDialog(model, take) {
  const text = h("textarea", {
    id: "pasted", rows: 6, spellcheck: false, autocomplete: "off", "aria-describedby": "paste-refused",
  });
  const refused = h("p", { id: "paste-refused", className: "refused", role: "alert" });
  const submit = (event) => {
    event.preventDefault();
    const again = { open: (_, sentence) => { refused.textContent = sentence; } };
    pasted(text.value, model, (...taken) => { node.close(); take(...taken); }, again);
  };
  const node = h("dialog", { "aria-labelledby": "paste-title" }, form(text, refused, submit, () => node.close()));
  const open = (given, sentence = "") => {
    text.value = given;
    refused.textContent = sentence;
    node.showModal();
  };
  return { node, open };
}

function form(text, refused, submit, cancel) {
  return h("form", { onsubmit: submit },
    h("h2", { id: "paste-title" }, "Paste a row"),
    h("label", { htmlFor: "pasted", className: "hint" },
      "JSON, or values between commas, tabs or semicolons; with or without a header"),
    text, refused,
    h("p", { className: "buttons" },
      h("button", { className: "button main" }, "Use this row"),
      h("button", { className: "button", type: "button", onclick: cancel }, "Cancel")));
}
