"""The labels that a classifier may have: whole numbers, floats, booleans or text, one kind for all of them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from forest_serving.errors import NotCompilable

KINDS = "iufbU"  # NumPy's letters for them; none of these needs a pickle in a file
_USABLE = "use whole numbers, floats, booleans or strings, one kind for all classes, and train again"


def plain(labels: NDArray[Any]) -> NDArray[Any]:
    """Return a classifier's labels as an array of a kind in KINDS: floats as doubles, Python's strings as NumPy's.

    Raises:
        NotCompilable: if they are of several kinds, of another one, not finite, too large, or text that NumPy would
            shorten.
    """
    own = _without_objects(labels) if labels.dtype.kind not in KINDS else labels
    if own.dtype.kind == "f":
        own = own.astype(np.float64)
        if not np.isfinite(own).all():
            raise NotCompilable("A label is not a finite number; drop the rows without a label, then train again.")
    if own.dtype.kind == "u" and own.max(initial=0) > np.iinfo(np.int64).max:
        raise NotCompilable("A label is beyond 64 bits with a sign; number the classes from 0 and train again.")
    if own.tolist() != labels.tolist():
        raise NotCompilable(
            r"A label ends in the character \0, which cannot be kept; rename the class and train again."
        )
    return own


def are_same(ours: NDArray[Any], theirs: NDArray[Any]) -> bool:
    """Return whether labels are equal, and of equal kinds: for NumPy 1, 1.0 and True are equal."""
    return ours.dtype.kind == theirs.dtype.kind and np.array_equal(ours, theirs)


def _without_objects(labels: NDArray[Any]) -> NDArray[Any]:
    kinds = {_kind(label) for label in labels.tolist()}
    if kinds <= {"str"} or kinds <= {"bool"}:
        return labels.astype(kinds.pop())
    if len(kinds) > 1:
        raise NotCompilable(f"The labels are of several kinds ({', '.join(sorted(kinds))}); {_USABLE}.")
    raise NotCompilable(f"Labels of the kind {kinds.pop()} cannot be compiled; {_USABLE}.")


def _kind(label: Any) -> str:
    if isinstance(label, str):
        return "str"
    return "bool" if isinstance(label, np.bool_) else type(label).__name__
