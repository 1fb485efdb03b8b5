// The page at /ui/model: the model card alone.

import * as card from "./card.js";
import { open } from "./shell.js";

open({ card });
