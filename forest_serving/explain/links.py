"""What is explained, by the link of a model: what its trees' sums mean."""

from typing import Literal

Explains = Literal["probability", "raw_score", "value"]

_EXPLAINS: dict[str, Explains] = {"mean": "probability", "mean value": "value", "value": "value"}


def explained_by(link: str) -> Explains:
    """Return what contributions add up to: the answer, where trees add up to that, or else what it is made of."""
    return _EXPLAINS.get(link, "raw_score")
