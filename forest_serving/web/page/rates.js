// What a server did between two looks at its counters.

const REQUESTS = "bentoml_service_request_total";
const WATCHING = ["/metrics", "/drift", "/ui/card.json"]; // what this page asks to show what others ask
const SECONDS = "bentoml_service_request_duration_seconds_bucket";

/** Return what counts of samples, which parseMetrics returns, at a moment in seconds. */
export function countsOf(samples, at_s) {
  const of = (name) => (samples.get(name) ?? []).filter(({ labels }) => !WATCHING.includes(labels.endpoint));
  const one = (name) => of(name)[0]?.value ?? 0;
  return {
    at_s,
    statuses: summedBy(of(REQUESTS), ({ http_response_code: code }) => `${code[0]}xx`),
    seconds: summedBy(of(SECONDS), ({ le }) => (le === "+Inf" ? Infinity : Number(le))),
    rows: one("forest_request_rows_sum"),
    classes: of("forest_predictions_total").map(({ labels, value }) => ({ name: labels.class, n: value })),
    predicted: { sum: one("forest_predicted_value_sum"), n: one("forest_predicted_value_count") },
  };
}

/** Return what happened between two counts: numbers per second, seconds of quantiles; null where nothing tells. */
export function ratesOf(before, now) {
  const per_s = 1 / Math.max(now.at_s - before.at_s, 1e-3);
  const statuses = increases(before.statuses, now.statuses), seconds = increases(before.seconds, now.seconds);
  const per = (name) => (statuses.get(name) ?? 0) * per_s;
  const n = increase(before.predicted.n, now.predicted.n);
  return {
    requests: sum(statuses.values()) * per_s,
    refused: per("4xx"),
    failed: per("5xx"),
    rows: increase(before.rows, now.rows) * per_s,
    p50_s: quantile(seconds, 0.5),
    p99_s: quantile(seconds, 0.99),
    // Where the server started anew, there is no sum of before to take away; answers may be negative.
    mean: n ? (now.predicted.sum - (n === now.predicted.n ? 0 : before.predicted.sum)) / n : null,
  };
}

/** Return a quantile of a histogram, {bound: how many up to it}, straight between bounds; null where it is empty. */
export function quantile(histogram, share) {
  const bounds = [...histogram.keys()].sort((a, b) => a - b);
  const wanted = share * (histogram.get(Infinity) ?? 0);
  if (!(wanted > 0)) return null;
  const place = bounds.findIndex((bound) => histogram.get(bound) >= wanted);
  const [low, n_low] = place ? [bounds[place - 1], histogram.get(bounds[place - 1])] : [0, 0];
  if (bounds[place] === Infinity) return low;
  return low + ((bounds[place] - low) * (wanted - n_low)) / (histogram.get(bounds[place]) - n_low);
}

function summedBy(samples, keyOf) {
  const sums = new Map();
  for (const { labels, value } of samples) sums.set(keyOf(labels), (sums.get(keyOf(labels)) ?? 0) + value);
  return sums;
}

const increases = (before, now) => new Map([...now].map(([key, n]) => [key, increase(before.get(key) ?? 0, n)]));

/** A counter that fell began anew. */
const increase = (before, now) => (now >= before ? now - before : now);

const sum = (values) => [...values].reduce((total, value) => total + value, 0);
