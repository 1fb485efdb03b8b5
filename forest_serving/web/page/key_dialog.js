// Asks for the key that the server wants.

import { h } from "./dom.js";

/** Resolve with a key, or with null where none is given. isWrong: whether another was refused before. */
export function askForKey(isWrong) {
  const field = h("input", {
    id: "key", type: "password", required: true, autocomplete: "off", spellcheck: false,
    pattern: "[!-~]+", title: "Letters, digits and signs of ASCII, without spaces",
  });
  const dialog = h("dialog", { "aria-labelledby": "key-title" }, form(field, isWrong, () => dialog));
  return shown(dialog);
}

function form(field, isWrong, dialog) {
  const submit = (event) => {
    event.preventDefault();
    dialog().close(field.value);
  };
  return h("form", { onsubmit: submit },
    h("h2", { id: "key-title" }, "This server wants a key"),
    isWrong && h("p", { className: "refused", role: "alert" }, "That key was not accepted."),
    h("label", { htmlFor: "key" }, "Key"), field,
    h("p", { className: "hint" }, "It stays in this page’s memory, and is gone when you close or reload it."),
    h("p", { className: "buttons" },
      h("button", { className: "button main" }, "Use this key"),
      h("button", { className: "button", type: "button", onclick: () => dialog().close() }, "Cancel")));
}

function shown(dialog) {
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue || null);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
