"""How the page reads /metrics: as prometheus_client's own parser does, and rates from two readings."""

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.parser import text_string_to_metric_families

PARSE = """async (text) => {
  const { parseMetrics } = await import("/ui/metrics_text.js");
  const shown = (value) => Number.isFinite(value) ? value : String(value);
  return [...parseMetrics(text)].flatMap(([name, samples]) =>
    samples.map(({ labels, value }) => [name, labels, shown(value)]));
}"""
RATES = """async ([before, now]) => {
  const { parseMetrics } = await import("/ui/metrics_text.js");
  const { countsOf, ratesOf } = await import("/ui/rates.js");
  return ratesOf(countsOf(parseMetrics(before), 10), countsOf(parseMetrics(now), 12));
}"""
QUANTILE = """async ([counts, share]) => {
  const { quantile } = await import("/ui/rates.js");
  return quantile(new Map(counts.map(([bound, n]) => [bound ?? Infinity, n])), share);
}"""
REQUESTS = 'bentoml_service_request_total{{endpoint="{}",http_response_code="{}"}} {}\n'


@pytest.fixture
def page(visit, urls):
    """Return a page that holds nothing, and can import the modules."""
    blank = visit(urls["iris"], "/ui/rates.js")
    blank.faults.announce("404")  # of the icon that a browser asks for where a page names none
    return blank


def test_every_sample_is_read_whatever_is_in_its_labels(page):
    registry = CollectorRegistry()
    for label in ["plain", 'with "quotes", and = {braces} 5', "two\nlines", "a\\n backslash", "grün", ""]:
        Counter(f"c{len(label)}", 'A "help"\nof two lines.', ["of"], registry=registry).labels(label).inc(0.1)
    Gauge("g", "", registry=registry).set(float("nan"))
    Gauge("low", "", registry=registry).set(-float("inf"))
    Histogram("h", "", ["a", "b"], registry=registry).labels("x,y", "}").observe(3e-7)
    text = generate_latest(registry).decode()
    assert page.evaluate(PARSE, text) == [
        [sample.name, sample.labels, in_javascript(sample.value)]
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    ]


def in_javascript(value):
    """Return a value as String() writes it, if JSON has none for it."""
    words = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
    return words.get(str(value), value)


@pytest.mark.parametrize("text", ["", "\n\n", "# TYPE a counter\n", "no number\n", '{} 5\na{b="c" 5\n'])
def test_what_is_no_sample_is_passed_over(page, text):
    assert page.evaluate(PARSE, text) == []


def test_rates_are_increases_a_second_of_all_endpoints_but_those_that_watch(page):
    before = REQUESTS.format("/predict", 200, 100) + REQUESTS.format("/metrics", 200, 50)
    now = (
        REQUESTS.format("/predict", 200, 110)
        + REQUESTS.format("/explain", 422, 4)
        + REQUESTS.format("/metrics", 200, 90)
    )
    rates = page.evaluate(RATES, [before, now])
    assert (rates["requests"], rates["refused"], rates["failed"]) == (7, 2, 0)


def test_a_counter_that_fell_began_anew(page):
    rates = page.evaluate(RATES, [REQUESTS.format("/predict", 500, 100), REQUESTS.format("/predict", 500, 6)])
    assert (rates["requests"], rates["failed"]) == (3, 3)


@pytest.mark.parametrize(
    ("counts", "share", "expected"),
    [
        ([(1, 0), (2, 10), (4, 10), (None, 10)], 0.5, 1.5),
        ([(1, 10), (2, 10), (None, 10)], 0.25, 0.25),
        ([(None, 10), (2, 10), (1, 5)], 0.5, 1),
        ([(1, 5), (2, 6), (None, 10)], 0.99, 2),
        ([(1, 0), (None, 0)], 0.5, None),
        ([], 0.5, None),
    ],
    ids=["in the middle", "from zero", "in any order", "above the last bound", "without values", "empty"],
)
def test_quantiles_lie_straight_between_bounds(page, counts, share, expected):
    assert page.evaluate(QUANTILE, [counts, share]) == expected
