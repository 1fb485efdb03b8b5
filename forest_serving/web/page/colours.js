// Colours of classes and of numbers. A colour never stands alone: names or numbers are beside it.

const N_NAMED = 8;  // --class-0 … in page.css: told apart by the colour-blind, in light and in dark
const GOLDEN_ANGLE = 137.508;  // of more classes, hues as far apart as they get
// Viridis: its brightness grows evenly, so that it can be read without colours, too.
const RAMP = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]];

const known = new Map();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => known.clear());

/** Return the CSS colour of the class at a position; it follows light and dark by itself. */
export function colourOf(model, position) {
  if (model.classes.length === 0) return "var(--accent)";
  if (position < N_NAMED) return `var(--class-${position})`;
  const lightness = 42 + 16 * (Math.floor(position / N_NAMED) % 2);
  return `hsl(${(position * GOLDEN_ANGLE) % 360} 55% ${lightness}%)`;
}

/** Return [red, green, blue], 0 to 255, of the class at a position, as it is now: for a canvas. */
export function rgbOf(model, position) {
  const colour = colourOf(model, position);
  if (!known.has(colour)) known.set(colour, computed(colour));
  return known.get(colour);
}

/** Return [red, green, blue] for a number at t, from 0 (lowest) to 1 (highest). */
export function ramp(t) {
  const place = Math.min(Math.max(t, 0), 1) * (RAMP.length - 1);
  const below = Math.min(Math.floor(place), RAMP.length - 2);
  return RAMP[below].map((low, k) => Math.round(low + (RAMP[below + 1][k] - low) * (place - below)));
}

/** Return the CSS colour for a number at t. */
export const rampColour = (t) => `rgb(${ramp(t).join(" ")})`;

function computed(colour) {
  const probe = document.createElement("i");
  probe.style.color = colour;
  probe.style.forcedColorAdjust = "none";  // the system's colours would make all classes one
  document.body.append(probe);
  const rgb = getComputedStyle(probe).color.match(/[\d.]+/g).slice(0, 3).map(Number);
  probe.remove();
  return rgb;
}
