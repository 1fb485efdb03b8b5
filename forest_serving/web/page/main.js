// The page at /ui.

import { open } from "./shell.js";

const NAMES = ["controls", "prediction", "regions", "why", "table", "live", "card"];

const panels = {};
for (const name of NAMES) {
  panels[name] = await import(`./${name}.js`).catch((error) => console.info(`No ${name}: ${error.message}`));
}
open(panels);
