// How a model was proved equal to its original, and where it comes from.

import { h } from "./dom.js";

const TOLD = ["data", "recipe", "versions", "seconds"]; // elsewhere, or in tables of their own
const GROUPS = { recipe: "Settings", versions: "Versions", seconds: "Seconds that saving took" };

/** Return the proof, and the hashes that tie it to what is served. */
export function proof({ proof: told, engine, engine_sha256, forest, forest_sha256, name }) {
  return h("div", {},
    h("p", {}, `Equal to the scikit-learn model ${forest} for every input: ${told}.`),
    facts({
      Engine: engine.replaceAll("_", " "),
      "SHA-256 of the engine": engine_sha256,
      "SHA-256 of the original": forest_sha256,
    }),
    command("To prove it again: ", `python -m forest_serving prove --model ${name}`));
}

/** Return data, settings, versions and code. */
export function origin({ tag, provenance, name }) {
  const plain = Object.fromEntries(Object.entries(provenance).filter(([key]) => !TOLD.includes(key)).map(worded));
  const groups = Object.entries(GROUPS).filter(([key]) => provenance[key] && typeof provenance[key] === "object");
  return h("div", {},
    facts({ Model: tag, ...plain }),
    groups.map(([key, title]) => h("details", {}, h("summary", {}, title), facts(provenance[key]))),
    command("This card as Markdown: ", `python -m forest_serving card ${name}`));
}

function worded([key, value]) {
  const words = key.replaceAll("_", " ").replace("sha256", "SHA-256");
  return [words[0].toUpperCase() + words.slice(1), value];
}

const command = (words, line) => h("p", { className: "hint" }, words, h("code", {}, line));

function facts(known) {
  const lines = Object.entries(known).filter(([, value]) => value !== "");
  const told = lines.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, String(value))]);
  return h("dl", { className: "facts" }, told);
}
