"""The model card: all that serving a model needs to know about it, kept with the stored model.

Training or forest_serving.save makes it. At start it is read without NumPy, and everything that depends on the model is
made from it: readers of rows, schemas, paths, metadata, labels of metrics, examples, the words of errors.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from forest_serving.errors import DamagedModel

VERSION = 1  # of the card; raise it when the meaning of a field changes
N_DECILES = 11  # from the minimum to the maximum

Label = bool | int | float | str  # what model.predict returns for a row


class Feature(msgspec.Struct, frozen=True, kw_only=True):
    """One column of the input.

    Attributes:
        name: the name in schemas and replies: letters, digits and _, as in "total_charges".
        spellings: other names that mean this column, such as the training data's own.
        unit: the unit of the values; empty for a bare number.
        deciles: of the training data, from its minimum to its maximum: N_DECILES values, ascending.
    """

    name: str
    spellings: tuple[str, ...] = ()
    unit: str = ""
    deciles: tuple[float, ...]

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
        """The lowest and the highest value of the training data."""
        return self.deciles[0], self.deciles[-1]


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
        classes: in the order of the columns of predict_proba.
        label_column: what the training data called the label; empty if it had no name.
        example: the first row of the training data.
        engine: the kind of engine that answers.
        engine_sha256: the hash of its file.
        forest: the tag of the scikit-learn model that it was compiled from.
        forest_sha256: the hash of its pickle; empty if it was saved before that was kept.
        proof: one sentence that says what was compared.
        report: how good the model is on rows that it has not seen; empty if that was not estimated.
        provenance: data, settings, versions and code that the model came from, in JSON types.
        plot_rows: sampled rows of the training data for pictures, each with the position of its class; kept only where
            that was asked for.
    """

    card_version: int = VERSION
    name: str
    features: tuple[Feature, ...]
    classes: tuple[Category, ...]
    label_column: str = ""
    example: tuple[float, ...]
    engine: str
    engine_sha256: str
    forest: str
    forest_sha256: str = ""
    proof: str
    report: dict[str, Any] = {}
    provenance: dict[str, Any] = {}
    plot_rows: tuple[tuple[float, ...], ...] = ()

    def __post_init__(self) -> None:
        """Raise ValueError if the parts do not fit together."""
        names = [name for feature in self.features for name in feature.names]
        rules = {
            f"card_version must be {VERSION}": self.card_version == VERSION,
            "a model has at least one feature and one class": bool(self.features and self.classes),
            "each name may mean one column only": len(set(names)) == len(names),
            "the example must have a number for each feature": len(self.example) == len(self.features),
            f"each feature has {N_DECILES} deciles": all(len(f.deciles) == N_DECILES for f in self.features),
            "each class has its own label": len(set(self.labels)) == len(self.classes),
            "plot_rows hold a number for each feature, and a class": all(map(self._is_plotted, self.plot_rows)),
        }
        for rule, holds in rules.items():
            if not holds:
                raise ValueError(rule)

    def _is_plotted(self, row: tuple[float, ...]) -> bool:
        return len(row) == len(self.features) + 1 and row[-1] in range(len(self.classes))

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
    """Return a card as metadata, in JSON's types: BentoML's metadata has no tuples."""
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(card))
    return found


def sha256_of_card(metadata: Mapping[str, Any]) -> str:
    """Return a hash of a card as it is stored, by which a change of it is found out."""
    return hashlib.sha256(_json(metadata)).hexdigest()


def _json(metadata: Mapping[str, Any]) -> bytes:
    return msgspec.json.encode(metadata, order="deterministic")
