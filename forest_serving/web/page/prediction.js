// The panel "Prediction": what the model answers, as fast as it answers.

import { ask, connection, newest } from "./ask.js";
import { classAnswer } from "./class_answer.js";
import { curlLine } from "./curl.js";
import { h } from "./dom.js";
import { markedWhileLate } from "./late.js";
import { numberAnswer } from "./number_answer.js";

const QUIET_MS = 400;  // after the last change, before it is read aloud

/** Resolves with the first answer, or the first refusal. */
export function mount(root, model, row) {
  const isClassifier = model.classes.length > 0;
  const path = isClassifier ? "predict_proba" : "predict";
  const parts = {
    answer: isClassifier ? classAnswer(model) : numberAnswer(model),
    refused: h("p", { className: "refused", hidden: true }),
    time: h("p", { className: "hint time" }),
    curl: curlLine(path),
    aloud: aloud(),
    glance: glance(root),
  };
  root.append(parts.refused, parts.answer.node, parts.time, parts.aloud.node, parts.curl.node, parts.glance.node);
  const refresh = newest(() => predict(path, row, parts));
  row.addEventListener("change", () => {
    parts.curl.show(row.values);
    refresh();
  });
  connection.addEventListener("back", refresh);
  return refresh();
}

async function predict(path, row, { answer, refused, time, curl, aloud, glance }) {
  const { dragging } = row;
  const values = [...row.values];
  const began = performance.now();
  let words;
  let reply;
  try {
    reply = await markedWhileLate(answer.node, ask(path, { instances: [values] }));
    time.textContent = `Answered in ${(performance.now() - began).toFixed(1)} ms, there and back`;
    words = answer.show(reply);
    refused.hidden = true;
  } catch (refusal) {
    words = refused.textContent = refusal.message;
    refused.hidden = connection.isGone;  // the banner says so already
  }
  answer.node.classList.toggle("stale", connection.isGone || !refused.hidden);
  row.answered(values, reply?.predictions[0] ?? null);
  curl.show(row.values);  // there may be a key meanwhile
  glance.show(words);
  if (!dragging) aloud.say(words);
}

function aloud() {
  const node = h("p", { className: "unseen", role: "status" });
  let timer;
  const say = (words) => {
    clearTimeout(timer);
    timer = setTimeout(() => { node.textContent = words; }, QUIET_MS);
  };
  return { node, say };
}

// On a phone the answer is below the sliders: while it is out of sight, its words stay at the bottom of the screen.
function glance(root) {
  const node = h("a", { className: "glance", href: "#prediction", "aria-hidden": "true", tabIndex: -1 });
  new IntersectionObserver(([{ isIntersecting, boundingClientRect }]) => {
    node.classList.toggle("shown", !isIntersecting && boundingClientRect.top > 0);
  }).observe(root);
  return { node, show: (words) => { node.textContent = words; } };
}
