"""How errors name what was sent and what should be: short, and fit for a terminal."""

from collections.abc import Sequence

from forest_serving.card import Label
from forest_serving.few_of_many import first_of

MOST_NAMES = 10  # of more, an error names the first ones
_MOST_CATEGORIES = 6
_KINDS = {bool: "a boolean", str: "a string", list: "a list", tuple: "a list", dict: "an object", type(None): "null"}


def shown(name: str) -> str:
    """Return a stranger's text, short and fit for a terminal."""
    return name[:40] if name[:40].isprintable() else ascii(name[:40])[1:-1]


def shown_id(id: str) -> str:
    """Return an id fit for a terminal, and whole: another one may begin with the same 40 characters."""
    return id if id.isprintable() else ascii(id)[1:-1]


def listed(names: Sequence[str]) -> str:
    """Return names with commas between them; of many, the first ones."""
    return first_of(names, MOST_NAMES)


def kind_of(value: object) -> str:
    """Return what a value is, as JSON calls it."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "a number"
    return _KINDS.get(type(value), f"a {shown(type(value).__name__)}")


def shown_number(number: float) -> str:
    """Return a double as short as it can be written exactly: 3 rather than 3.0."""
    return repr(number).removesuffix(".0")


def shown_label(label: Label) -> str:
    """Return a category as JSON writes it, if it is short."""
    if isinstance(label, str):
        return f'"{shown(label)}{"…" if len(label) > 40 else ""}"'
    if isinstance(label, bool):
        return str(label).lower()
    try:
        return str(label) if abs(label) < 2**63 and isinstance(label, int) else shown_number(float(label))
    except ArithmeticError:  # an integer beyond all doubles
        return "a number of hundreds of digits"


def listed_labels(labels: Sequence[Label]) -> str:
    """Return categories with commas between them; of many, the first ones."""
    return first_of([shown_label(label) for label in labels], _MOST_CATEGORIES)
