// Opens a page: asks for the card, makes the row, and mounts each panel into its section.

import { ask, connection } from "./ask.js";
import { h } from "./dom.js";
import { keepLink, linkedRow } from "./link.js";
import { Row } from "./row.js";
import { count, nameInWords } from "./words.js";

const CARD = "ui/card.json";

/**
 * Open the page. panels: {id: module, or a function that imports it}. A module has mount(root, model, row), and may have
 * applies(model), without which it applies to all. Modules are mounted first; once they have what they asked for, the
 * others follow one by one, so that the page is there soon. A section without a panel that applies is hidden.
 */
export async function open(panels) {
  addEventListener("unhandledrejection", ({ reason }) => say(String(reason?.message ?? reason)));
  let model;
  try {
    model = withWords(await ask(CARD));
  } catch (refusal) {
    connection.addEventListener("back", () => location.reload());
    document.querySelector("#facts").textContent = "";
    return say(refusal.message, button("Try again", () => location.reload()));
  }
  head(model);
  const row = new Row(rowToBeginWith(model));
  keepLink(row, model, sayUnfit);
  watch();
  mountAll(panels, model, row);
}

/** Classes get words, as features have them: what to show, where the name is for files. */
function withWords(model) {
  return { ...model, classes: model.classes.map((each) => ({ ...each, words: nameInWords(each.name) })) };
}

function rowToBeginWith(model) {
  try {
    return linkedRow(model) ?? model.example;
  } catch (error) {
    sayUnfit(error);
    return model.example;
  }
}

const sayUnfit = (error) => say(`The row in this link does not fit this model: ${error.message}`);

function head(model) {
  const isClassifier = model.task === "classification";
  document.title = document.title.replace(/^/, `${model.name} · `);
  document.querySelector("h1").textContent = model.name;
  document.querySelector("#facts").textContent = [
    isClassifier ? `Classifier of ${count(model.classes.length, "class")}` : "Regressor",
    count(model.features.length, "feature"),
    `version ${model.version}`,
  ].join(" · ");
}

async function mountAll(panels, model, row) {
  const sections = [...document.querySelectorAll("main > section")];
  const isLater = (root) => typeof panels[root.id] === "function";
  const first = sections.filter((root) => !isLater(root)).map((root) => mount(panels[root.id], root, model, row));
  const later = sections.filter(isLater);
  later.forEach((root) => { root.hidden = true; });
  document.body.classList.add("open");
  await Promise.all(first);
  for (const root of later) await mountLater(panels[root.id], root, model, row);
}

async function mountLater(load, root, model, row) {
  try {
    await mount(await load(), root, model, row);
  } catch {
    root.hidden = false;
    root.append(h("p", { className: "refused" }, "This part of the page could not be loaded. Reload the page."));
  }
}

async function mount(panel, root, model, row) {
  root.hidden = !panel || panel.applies?.(model) === false;
  if (root.hidden) return;
  try {
    await panel.mount(root, model, row);
  } catch (error) {  // one panel less, and a sentence in its place
    console.error(error);
    root.append(h("p", { className: "refused" }, `This part of the page failed: ${error.message}`));
  }
}

function watch() {
  connection.addEventListener("gone", () =>
    say("The server cannot be reached. What you entered stays; the page asks again every second."));
  connection.addEventListener("back", unsay);
  connection.addEventListener("replaced", () =>
    say("The server now serves another version of the model.", button("Reload", () => location.reload())));
}

function say(sentence, ...others) {
  const notice = document.querySelector("#notice");
  notice.replaceChildren(sentence, ...others);
  notice.hidden = false;
}

function unsay() {
  document.querySelector("#notice").hidden = true;
}

const button = (words, onclick) => h("button", { className: "button", onclick }, words);
