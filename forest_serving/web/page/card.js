// The model card. It is fetched when somebody scrolls to it: the page opens with less.

import { h } from "./dom.js";

const NEAR = "200px"; // to the section, before it is seen

/** Fill the section. */
export function mount(root, model) {
  const seen = new IntersectionObserver(([{ isIntersecting }]) => {
    if (!isIntersecting) return;
    seen.disconnect();
    show(root, model);
  }, { rootMargin: NEAR });
  seen.observe(root);
}

async function show(root, model) {
  const fetched = Promise.all([import("./card_view.js"), styled()]);
  const [view] = await fetched.catch(() => [null]);
  if (view) return root.append(...view.cardView(model));
  root.append(h("p", { className: "refused" }, "The model card cannot be fetched. Reload the page to try again."));
}

/** Resolve when the card's own style sheet is there. */
function styled() {
  return new Promise((onload, onerror) => {
    document.head.append(h("link", { rel: "stylesheet", href: new URL("card.css", import.meta.url), onload, onerror }));
  });
}
