"""What to call a model's classes."""

from collections.abc import Mapping, Sequence

from forest_serving.card import Category, Label
from forest_serving.errors import BadTrainingData
from forest_serving.training.columns import did_you_mean

ClassNames = Mapping[Label, str] | Sequence[str]  # by label, or one for each class in their order


def categories(labels: Sequence[Label], names: ClassNames | None = None) -> tuple[Category, ...]:
    """Return the classes of a model.

    Args:
        labels: its own, in its order.
        names: to show in their place; by default the labels as text.

    Raises:
        BadTrainingData: if the names are not one for each class, or not distinct.
    """
    if isinstance(names, Mapping):
        _check_known(names, labels)
        shown = [str(names.get(label, label)) for label in labels]
    else:
        shown = [str(name) for name in (labels if names is None else names)]
    if isinstance(names, str) or len(shown) != len(labels):
        raise BadTrainingData(f"class_names must hold a name for each of the {len(labels)} classes, in their order.")
    if len(set(shown)) < len(shown):
        raise BadTrainingData("class_names gives two classes the same name; give each its own.")
    return tuple(Category(label=label, name=name) for label, name in zip(labels, shown, strict=True))


def _check_known(names: Mapping[Label, str], labels: Sequence[Label]) -> None:
    for label in names:
        if label not in labels:
            hint = did_you_mean(str(label), [str(known) for known in labels])
            raise BadTrainingData(f"class_names names a class {label!r} that the model does not have{hint}.")
