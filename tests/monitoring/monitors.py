"""What tests of monitoring share: cards of three models, and requests that have been answered."""

from forest_serving.card import Card, Category, Feature
from forest_serving.http.request import read_request
from forest_serving.monitoring.monitor import Monitor
from forest_serving.protocols.endpoint import Reply
from forest_serving.settings import read_settings

ASKED = read_request("POST", "/predict", [], b"/predict")


def replied(status=200, reason="", fault=None, asked=None, marks=()):
    """Return a reply as the gateway tells of it."""
    return Reply(b"", status=status, reason=reason, fault=fault, asked=asked, marks=marks)


def card(name, ranges, classes):
    """Return the card of a model whose features have these ranges, and whose classes these labels, if it has some."""
    return Card(
        name=name,
        features=tuple(
            Feature(name=feature, deciles=tuple(low + (high - low) * n / 10 for n in range(11)))
            for feature, (low, high) in ranges.items()
        ),
        classes=tuple(Category(label=label, name=name) for label, name in classes.items()),
        example=tuple(low for low, _ in ranges.values()),
        engine="forest",
        engine_sha256="0" * 64,
        forest=f"{name}_forest:v1",
        proof="none",
    )


IRIS = card(
    "iris",
    {"sepal_length": (4.0, 8.0), "sepal_width": (2.0, 5.0), "petal_length": (1.0, 7.0), "petal_width": (0.0, 3.0)},
    {0: "setosa", 1: "versicolor", 2: "virginica"},
)
CHURN = card("churn", {"months": (0.0, 72.0), "charges": (-5.0, 120.5)}, {"no": "no", "yes": "yes"})
RENT = card("rent", {"rooms": (1.0, 9.0), "metres": (12.0, 340.0)}, {})  # a regressor


def monitor(card=IRIS, folder=None, tally=None, **environ):
    """Return a worker's monitor, with these environment variables."""
    return Monitor(card, read_settings(environ), folder, tally)


async def tell(watching, *replies, request=ASKED, endpoint="/predict", duration_s=0.001, client="127.0.0.1"):
    """Tell a monitor of requests; its timers need a loop."""
    for reply in replies:
        request.place = endpoint
        watching.answered(request, reply, b"id", duration_s, lambda fields: client)
