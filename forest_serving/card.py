"""The model card: all that serving a model needs to know about it, kept with the stored model.

Training or forest_serving.save makes it. At start it is read without NumPy, and everything that depends on the model is
made from it: readers of rows, schemas, paths, metadata, labels of metrics, examples, the words of errors.
"""

import hashlib
from collections.abc import Mapping
from math import nan
from typing import Annotated, Any

import msgspec

from forest_serving.errors import DamagedModel

VERSION = 2  # of the card; raise it when the meaning of a field changes
UNKNOWN = -1.0  # in rows, a category that the card does not list
N_DECILES = 11  # from the minimum to the maximum

LARGEST = 1.7976931348623157e308  # the largest double
HIGHEST = 3.4028235677973362e38  # the largest that float32, which most trees compare, does not round to infinity

Label = bool | int | float | str  # what a classifier's predict returns for a row
Value = Label | None  # what a client sends for a feature: a number, a category, or nothing
Number = Annotated[int, msgspec.Meta(ge=0, le=2**53)]  # of rows


class Feature(msgspec.Struct, frozen=True, kw_only=True):
    """One column of the input.

    Attributes:
        name: the name in schemas and replies: letters, digits and _, as in "total_charges".
        spellings: other names that mean this column, such as the training data's own.
        unit: the unit of the values; empty for a bare number, and for categories.
        deciles: of the training data's numbers, from the minimum to the maximum: N_DECILES values, ascending; empty for
            categories.
        categories: what may be sent, if the column holds categories, of one type; empty for numbers. In rows, a
            category is its position among them, and UNKNOWN stands for all others.
        counts: how many rows of the training data have each category, or a number in each part between two deciles, of
            which the upper one belongs to it; empty if that was not kept.
        n_missing: how many have no value.
        n_unknown: how many have a category that is not listed.
        takes_missing: whether a value may be missing. In rows, a missing value is NaN.
        takes_unknown: whether categories that are not listed are answered.
        lowest: the lowest number that is answered.
        highest: the highest number that is answered.
    """

    name: str
    spellings: tuple[str, ...] = ()
    unit: str = ""
    deciles: tuple[float, ...] = ()
    categories: tuple[Label, ...] = ()
    counts: tuple[Number, ...] = ()
    n_missing: Number = 0
    n_unknown: Number = 0
    takes_missing: bool = False
    takes_unknown: bool = False
    lowest: float = -LARGEST
    highest: float = LARGEST

    @property
    def names(self) -> tuple[str, ...]:
        """All names of the column."""
        return (self.name, *self.spellings)

    @property
    def column(self) -> str:
        """The name that the training data had."""
        return self.spellings[0] if self.spellings else self.name

    @property
    def words(self) -> str:
        """The name to read aloud."""
        return self.name.replace("_", " ")

    @property
    def range(self) -> tuple[float, float]:
        """The lowest and the highest number of the training data; not for categories."""
        return self.deciles[0], self.deciles[-1]

    @property
    def bounds(self) -> dict[str, float]:
        """The bounds of the numbers that are answered, where not all finite doubles are."""
        bounds = {"lowest": self.lowest, "highest": self.highest}
        return {name: bound for name, bound in bounds.items() if abs(bound) != LARGEST}

    @property
    def has_fitting_deciles(self) -> bool:
        """Whether there are deciles for numbers, and none for categories."""
        return len(self.deciles) == (0 if self.categories else N_DECILES)

    @property
    def has_fitting_counts(self) -> bool:
        """Whether there are counts of each category, or of each part between deciles, or of none."""
        return len(self.counts) in (0, len(self.categories) or N_DECILES - 1)


class Category(msgspec.Struct, frozen=True, kw_only=True):
    """One class.

    Attributes:
        label: what model.predict returns.
        name: what to show; the label as text, unless the model was given names.
    """

    label: Label
    name: str


class Card(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a model is.

    Attributes:
        card_version: of the card's own format.
        name: in paths, metrics and metadata, as in "wine".
        features: the columns of the input, in the model's order.
        classes: in the order of the columns of predict_proba; empty for a regressor, which answers with numbers.
        label_column: what the training data called the label; empty if it had no name.
        example: a row of the training data, as a client sends it.
        engine: the kind of engine that answers.
        engine_sha256: the hash of its file.
        explanation_sha256: the hash of the file that explains its answers; empty if there is none.
        forest: the tag of the scikit-learn model that it was compiled from.
        forest_sha256: the hash of its pickle; empty if it was saved before that was kept.
        proof: one sentence that says what was compared.
        report: how good the model is on rows that it has not seen; empty if that was not estimated.
        limits: sentences on what the model cannot do; empty if it was saved before they were kept.
        provenance: data, settings, versions and code that the model came from, in JSON types.
        plot_rows: sampled rows of the training data for pictures, each with the position of its class, or a regressor's
            target; categories are positions; kept only where that was asked for.
        answer_deciles: of a regressor's answers to the training data, as of a feature; empty if they were not kept.
        answer_counts: how many rows of the training data were answered with each class, or with a number in each part
            between these deciles; empty if that was not kept.
        unseen_answer_counts: the same of rows that the answering trees had not learned; empty if there were none.
    """

    card_version: int = VERSION
    name: str
    features: tuple[Feature, ...]
    classes: tuple[Category, ...] = ()
    label_column: str = ""
    example: tuple[Value, ...]
    engine: str
    engine_sha256: str
    explanation_sha256: str = ""
    forest: str
    forest_sha256: str = ""
    proof: str
    report: dict[str, Any] = {}
    limits: tuple[str, ...] = ()
    provenance: dict[str, Any] = {}
    plot_rows: tuple[tuple[float | None, ...], ...] = ()
    answer_deciles: tuple[float, ...] = ()
    answer_counts: tuple[Number, ...] = ()
    unseen_answer_counts: tuple[Number, ...] = ()

    def __post_init__(self) -> None:
        """Raise ValueError if the parts do not fit together."""
        names = [name for feature in self.features for name in feature.names]
        rules = {
            f"card_version must be {VERSION}": self.card_version == VERSION,
            "a model has at least one feature": bool(self.features),
            "each name may mean one column only": len(set(names)) == len(names),
            "the example must have a value for each feature": len(self.example) == len(self.features),
            f"each number has {N_DECILES} deciles, and no category has": all(
                f.has_fitting_deciles for f in self.features
            ),
            "the categories of a column differ": all(
                len(set(f.categories)) == len(f.categories) for f in self.features
            ),
            "counts are of each category, or of each part between deciles": all(
                f.has_fitting_counts for f in self.features
            ),
            "answers have deciles only where they are numbers": len(self.answer_deciles)
            in ((0,) if self.classes else (0, N_DECILES)),
            "answers are counted by class, or by part between deciles": all(
                len(counts) in (0, self._n_answer_parts) for counts in (self.answer_counts, self.unseen_answer_counts)
            ),
            "each class has its own label": len(set(self.labels)) == len(self.classes),
            "plot_rows hold a value for each feature, and an answer": all(map(self._is_plotted, self.plot_rows)),
        }
        for rule, holds in rules.items():
            if not holds:
                raise ValueError(rule)

    def _is_plotted(self, row: tuple[float | None, ...]) -> bool:
        fits = len(row) == len(self.features) + 1
        return fits and (not self.classes or row[-1] in range(len(self.classes)))

    @property
    def _n_answer_parts(self) -> int:
        return len(self.classes) or max(len(self.answer_deciles) - 1, 0)

    @property
    def is_classifier(self) -> bool:
        """Whether it answers with classes rather than with numbers."""
        return bool(self.classes)

    @property
    def kind(self) -> str:
        """The word for it: "classifier" or "regressor"."""
        return "classifier" if self.is_classifier else "regressor"

    @property
    def labels(self) -> list[Label]:
        """The classes' labels, in their order."""
        return [category.label for category in self.classes]

    @property
    def class_names(self) -> list[str]:
        """The classes' names, in their order."""
        return [category.name for category in self.classes]


def read_card(metadata: Mapping[str, Any]) -> Card:
    """Return the card in a stored model's metadata.

    Raises:
        DamagedModel: if it is not one, with a sentence that says why.
    """
    try:
        return msgspec.json.decode(_json(metadata), type=Card)
    except Exception as error:  # text can be no Unicode, a list can hold itself, a number can be too large, and so on
        reason = " ".join(str(error).split())[:200]
        raise DamagedModel(f"it has no model card that this software reads ({reason})") from None


def write_card(card: Card) -> dict[str, Any]:
    """Return a card as metadata, in JSON's types: BentoML's metadata has no tuples.

    It has no null either, and keeps NaN instead, which JSON writes as null.
    """
    found: dict[str, Any] = _without_null(msgspec.json.decode(msgspec.json.encode(card)))
    return found


def sha256_of_card(metadata: Mapping[str, Any]) -> str:
    """Return a hash of a card as it is stored, by which a change of it is found out."""
    return hashlib.sha256(_json(metadata)).hexdigest()


def _without_null(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_null(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without_null(inner) for inner in value]
    return nan if value is None else value


def _json(metadata: Mapping[str, Any]) -> bytes:
    return msgspec.json.encode(metadata, order="deterministic")
