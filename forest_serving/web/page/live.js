// What the server does now: its traffic, and whether its rows look like the training data.

import { ask, connection } from "./ask.js";
import { h } from "./dom.js";
import { Drift } from "./drift.js";
import { pollWhileSeen } from "./polling.js";
import { Traffic } from "./traffic.js";

const POLL_MS = 2000;
const OFF = [401, 403, 404]; // without another key it will be refused the next time, too

/** Fill the section. */
export function mount(root, model) {
  const traffic = new Traffic(model), drift = new Drift(model);
  const looks = [looking(traffic, "metrics", { text: true })];
  if (model.counts_drift) looks.push(looking(drift, "drift"));
  drift.node.hidden = !model.counts_drift;
  root.append(traffic.node, drift.node);
  pollWhileSeen(root, POLL_MS, () => Promise.all(looks.map((look) => look())));
}

/** Return what asks for a part's news and shows them. A part that is refused is hidden, until there is another key. */
function looking(part, path, options) {
  return async () => {
    if (part.node.hidden) return;
    try {
      part.show(await ask(path, undefined, options));
    } catch (refusal) {
      if (OFF.includes(refusal.status)) hide(part, refusal);
      else if (refusal.status === undefined) throw refusal; // no refusal, but a fault of this page
    }
  };
}

function hide(part, refusal) {
  const reason = h("p", { className: "hint" }, refusal.message);
  part.node.hidden = true;
  part.node.after(reason);
  connection.addEventListener("key", () => {
    reason.remove();
    part.node.hidden = false;
  }, { once: true });
}
