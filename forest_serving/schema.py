"""What a flower and an answer are. To serve another forest, start here (README, "Serve your own forest")."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NamedTuple, Protocol

from pydantic import Field
from typing_extensions import TypedDict


class Feature(NamedTuple):
    """One column of the input.

    Attributes:
        name: this service's spelling, as in "sepal_length".
        column: scikit-learn's spelling, as in "sepal length (cm)".
        unit: the unit that values are measured in; empty for a bare number.
    """

    name: str
    column: str
    unit: str


MODEL_NAME = "iris"
FEATURES = (
    Feature("sepal_length", "sepal length (cm)", "cm"),
    Feature("sepal_width", "sepal width (cm)", "cm"),
    Feature("petal_length", "petal length (cm)", "cm"),
    Feature("petal_width", "petal width (cm)", "cm"),
)
CLASS_NAMES = ("setosa", "versicolor", "virginica")
LABEL_COLUMN = "species"
EXAMPLE_ROW = (5.1, 3.5, 1.4, 0.2)

# A number at or beyond this rounds to infinity in float32, which is what scikit-learn's trees compare.
DOMAIN_LIMIT = 3.4028235677973366e38

Row = Sequence[float]  # one flower: one finite number per feature, in FEATURES order


class Predictions(TypedDict):
    """The classes of the rows."""

    predictions: Annotated[list[int], Field(description="One class index per row, in the order of the request.")]


class Probabilities(Predictions):
    """The classes of the rows, their names, and how the forest's trees voted."""

    labels: Annotated[list[str], Field(description="One class name per row.")]
    probabilities: Annotated[
        list[list[float]],
        Field(description=f"One row per row: the probabilities of {', '.join(CLASS_NAMES)}; each row sums to 1."),
    ]


class Predictor(Protocol):
    """What answers requests."""

    @property
    def version(self) -> str:
        """The served model's version."""
        ...

    def predict(self, rows: Sequence[Row]) -> Predictions:
        """Return each row's class index."""
        ...

    def predict_proba(self, rows: Sequence[Row]) -> Probabilities:
        """Return each row's class index, class name and class probabilities."""
        ...

    def predict_proba_json(self, rows: Sequence[Row]) -> bytes:
        """Return what predict_proba does, as JSON."""
        ...

    async def predict_array(self, rows: Any) -> Any:
        """Return each row's class index, shape (n_rows,), for an array of doubles, shape (n_rows, n_features).

        After each TURN_ROWS, others have their turn.
        """
        ...

    async def predict_proba_array(self, rows: Any) -> Any:
        """Return class probabilities, shape (n_rows, n_classes), for an array as predict_array takes it."""
        ...

    def describe(self) -> dict[str, Any]:
        """Return what the model is, in JSON types."""
        ...


def instances_schema(ranges: Mapping[str, list[float]] | None = None) -> dict[str, Any]:
    """Return the JSON schema of the rows; with the training data's ranges in the descriptions, if given."""
    numbers = [
        {
            "type": "number",
            "title": feature.name,
            "description": feature.name.replace("_", " ")
            + (f" in {feature.unit}" if feature.unit else "")
            + (f"; {ranges[feature.name][0]:g} to {ranges[feature.name][1]:g} in the training data" if ranges else ""),
            "exclusiveMinimum": -DOMAIN_LIMIT,
            "exclusiveMaximum": DOMAIN_LIMIT,
        }
        for feature in FEATURES
    ]
    row = {"type": "array", "prefixItems": numbers, "minItems": len(numbers), "maxItems": len(numbers)}
    return {
        "type": "array",
        "description": f"Rows of {', '.join(feature.name for feature in FEATURES)}.",
        "minItems": 1,
        "items": row,
        "examples": [[list(EXAMPLE_ROW)]],
    }
