// A patch of a colour, beside a name.

import { h } from "./dom.js";

/** Return it. */
export function swatch(colour) {
  const node = h("span", { className: "swatch", "aria-hidden": "true" });
  node.style.backgroundColor = colour;
  return node;
}
