// The page at /ui.

import { open } from "./shell.js";

const NAMES = ["controls", "prediction", "regions", "why", "table", "live", "card"];

const found = await Promise.allSettled(NAMES.map((name) => import(`./${name}.js`)));
open(Object.fromEntries(NAMES.map((name, k) => [name, found[k].value])));
