// Drop a CSV: a prediction for each of its rows, to look at and to download.

import { h } from "./dom.js";
import { exampleFile } from "./table_example.js";

const ACCEPTED = ".csv,.tsv,.txt,text/csv,text/tab-separated-values,text/plain";
const HINT = "UTF-8, with comma, semicolon or tab, and the features’ names in the first line, in any order. "
  + "Other columns stay in the file that you download.";

/** Fill the section. */
export function mount(root, model, row) {
  const area = h("div", { className: "drop" });
  const results = h("div");
  let job = null;
  const start = async (file) => {
    const { Job } = await import("./table_job.js"); // only who has a file needs that much
    job?.cancel();
    job = new Job(file, model, row);
    results.replaceChildren(job.node);
    job.run();
  };
  area.append(...chooser(start), example(model));
  root.append(area, results);
  takeDrops(root, area, start);
}

function chooser(start) {
  const input = h("input", {
    type: "file", id: "table-file", accept: ACCEPTED, "aria-describedby": "table-hint",
    onclick: () => { input.value = ""; }, // so that the same file can be chosen again
    onchange: () => input.files.length && start(input.files[0]),
  });
  return [
    h("label", { htmlFor: input.id }, "Drop a CSV file here, or choose one"), input,
    h("p", { className: "hint", id: "table-hint" }, HINT),
  ];
}

function example(model) {
  const link = h("a", { href: "#table", download: `${model.name}-example.csv` }, "An example of such a file");
  link.addEventListener("click", () => {
    link.href = URL.createObjectURL(exampleFile(model));
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
  return h("p", { className: "hint" }, link);
}

/** Take files that are dropped on the section; beside it, a drop must not put the file in place of the page. */
function takeDrops(root, area, start) {
  const hover = (event) => {
    event.preventDefault();
    const isHere = root.contains(event.target);
    event.dataTransfer.dropEffect = isHere ? "copy" : "none";
    area.classList.toggle("over", isHere);
  };
  addEventListener("dragover", hover);
  addEventListener("dragleave", () => area.classList.remove("over"));
  addEventListener("drop", (event) => {
    event.preventDefault();
    area.classList.remove("over");
    const [file] = event.dataTransfer.files;
    if (file && root.contains(event.target)) start(file);
  });
}
