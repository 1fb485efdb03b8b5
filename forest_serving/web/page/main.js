// The page at /ui.

import * as controls from "./controls.js";
import * as prediction from "./prediction.js";
import { open } from "./shell.js";

open({
  controls,
  prediction,
  regions: () => import("./regions.js"),
  why: () => import("./why.js"),
  table: () => import("./table.js"),
  live: () => import("./live.js"),
  card: () => import("./card.js"),
});
