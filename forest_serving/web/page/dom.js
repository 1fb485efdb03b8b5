// Elements from functions.

const SVG = "http://www.w3.org/2000/svg";

/** Return an HTML element. Keys are properties, or attributes where there is no such property; on… are listeners. */
export function h(tag, given = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(given)) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key in node && key !== "list") node[key] = value;  // input.list is read-only
    else node.setAttribute(key, value);
  }
  return withChildren(node, children);
}

/** Return an SVG element. Keys are attributes, but style is refused by the page's policy: set node.style instead. */
export function svg(tag, given = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(given)) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value);
  }
  return withChildren(node, children);
}

function withChildren(node, children) {
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}
