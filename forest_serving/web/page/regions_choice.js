// Which two features the picture is over.

import { ask } from "./ask.js";
import { h } from "./dom.js";

const MOST_CATEGORIES = 400;  // the server draws no more cells

/** Return two drop-downs, for the horizontal and the vertical axis, which never name the same feature. */
export function choiceOf(model, indices, changed) {
  const chosen = [...indices];
  const selects = indices.map((index) => selectOf(model, index));
  const choose = (way) => {
    if (selects[1 - way].value === selects[way].value) selects[1 - way].value = chosen[way];  // they change places
    selects.forEach((select, each) => { chosen[each] = Number(select.value); });
    changed(chosen);
  };
  selects.forEach((select, way) => select.addEventListener("change", () => choose(way)));
  return selects;
}

/** Resolve with the positions of the two features that matter most: when shuffled, or else to a row's answer. */
export async function mostImportant(model, values) {
  const losses = Object.entries(model.report.permutation_importance ?? {});
  const weights = new Map(losses.length ? losses : await contributions(model, values));
  const weight = ({ name }) => weights.get(name) ?? 0;
  return possible(model).sort((one, other) => weight(model.features[other]) - weight(model.features[one])).slice(0, 2);
}

async function contributions({ explains }, values) {
  if (!explains) return [];
  try {
    const { explanations } = await ask("explain?counterfactuals=false", { instances: [values] });
    return Object.entries(explanations[0].contributions).map(([name, found]) => [name, largest(found)]);
  } catch {
    return [];  // the picture can do without
  }
}

/** Return the positions of the features that can be an axis. */
export function possible({ features }) {
  return [...features.keys()].filter((k) => features[k].categories.length <= MOST_CATEGORIES);
}

const largest = (found) => Math.max(...[found].flat().map(Math.abs));

function selectOf(model, index) {
  const name = ({ words, unit }) => (unit ? `${words} (${unit})` : words);
  const select = h("select", {}, possible(model).map((k) => h("option", { value: k }, name(model.features[k]))));
  select.value = index;
  return select;
}
