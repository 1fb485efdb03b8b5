// What was told beside what came true: points near the diagonal are as they should be.

import { h, svg } from "./dom.js";
import { count, percent, share, shortNumber } from "./words.js";

const SIZE = 260, LEFT = 52, BOTTOM = 40, TOP = 8, RIGHT = 12; // of the picture, in its own units
const LARGEST = 8, SMALLEST = 3; // radius of a point

/** Return how often probabilities came true, or null where that is not known. */
export function calibrationPlot({ report }) {
  const known = report.holdout.calibration;
  if (!known) return null;
  const points = known.bins.map(({ predicted, true: came, rows, true_95_interval }) =>
    ({ x: predicted, y: came, rows, ends: true_95_interval }));
  const told = `The probability of ${known.of} is ${share(known.predicted)} on average, and came true for `
    + `${share(known.true)} of the hold-out. Expected calibration error: ${share(known.expected_error)}.`;
  return h("div", {}, h("p", { className: "hint" }, told),
    plot(points, { low: 0, high: 1, words: percent, x: "probability told", y: "came true", label: told }),
    numbers(points, ["Probability told", "Came true", "95\u00a0%", "Rows"], share));
}

/** Return a regressor's answers beside the truth, or null for a classifier. */
export function answersPlot({ report }) {
  const parts = report.holdout.by_answer;
  if (!parts) return null;
  const points = parts.map((part) => ({ x: part.predicted, y: part.true, rows: part.rows }));
  const all = points.flatMap(({ x, y }) => [x, y]);
  const told = "Each point is a tenth of the hold-out, in the order of the answers: their mean, and the truth’s.";
  return h("div", {}, h("p", { className: "hint" }, told), plot(points, {
    low: Math.min(...all), high: Math.max(...all), words: shortNumber, x: "mean answer", y: "mean truth", label: told,
  }), numbers(points, ["Mean answer", "Mean truth", "Rows"], shortNumber), errors(report.holdout.error_quantiles));
}

function errors(quantiles) {
  const told = quantiles.map((each) => `${percent(each.share)} ${shortNumber(each.error)}`).join(", ");
  return h("p", { className: "hint" }, `Answer less truth, quantiles: ${told}.`);
}

function plot(points, { low, high, words, x: xTitle, y: yTitle, label }) {
  const width = high - low || 1;
  const x = (value) => LEFT + ((value - low) / width) * SIZE;
  const y = (value) => TOP + SIZE - ((value - low) / width) * SIZE;
  const most = Math.max(...points.map(({ rows }) => rows));
  const radius = (rows) => SMALLEST + (LARGEST - SMALLEST) * Math.sqrt(rows / most);
  const end = ({ x: told, ends: [least, most] }) =>
    svg("path", { d: `M${x(told)} ${y(least)}V${y(most)}`, class: "ends" });
  const box = `0 0 ${LEFT + SIZE + RIGHT} ${TOP + SIZE + BOTTOM}`;
  return svg("svg", { viewBox: box, class: "chart", role: "img", "aria-label": label },
    axes([0, 0.25, 0.5, 0.75, 1].map((share) => low + share * width), x, y, words),
    svg("text", { x: LEFT + SIZE / 2, y: TOP + SIZE + 34, class: "title" }, xTitle),
    svg("text", { x: -TOP - SIZE / 2, y: 12, transform: "rotate(-90)", class: "title" }, yTitle),
    svg("path", { d: `M${x(low)} ${y(low)}L${x(high)} ${y(high)}`, class: "diagonal" }),
    points.filter(({ ends }) => ends).map(end),
    points.map((point) => svg("circle", { cx: x(point.x), cy: y(point.y), r: radius(point.rows) })));
}

function axes(ticks, x, y, words) {
  return ticks.flatMap((tick) => [
    svg("path", { d: `M${x(tick)} ${TOP}V${TOP + SIZE}M${LEFT} ${y(tick)}H${LEFT + SIZE}`, class: "grid" }),
    svg("text", { x: x(tick), y: TOP + SIZE + 16, class: "tick" }, words(tick)),
    svg("text", { x: LEFT - 6, y: y(tick) + 4, class: "tick side" }, words(tick)),
  ]);
}

function numbers(points, head, words) {
  const lines = points.map(({ x, y, ends, rows }) =>
    [words(x), words(y), ...(ends ? [`${words(ends[0])} to ${words(ends[1])}`] : []), rows.toLocaleString("en")]);
  const cells = (line, tag, others) =>
    h("tr", {}, line.map((text) => h(tag, { className: "number", ...others }, text)));
  return h("details", {}, h("summary", {}, `The same in numbers, ${count(points.length, "point")}`),
    h("table", {}, h("thead", {}, cells(head, "th", { scope: "col" })),
      h("tbody", {}, lines.map((line) => cells(line, "td")))));
}
