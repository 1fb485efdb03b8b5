"""What a client accepts, by RFC 9110, section 12.5.1."""

from collections.abc import Sequence
from functools import lru_cache

from forest_serving.errors import NotAcceptable


def check_accept(accept: bytes, media_type: bytes) -> None:
    """Raise NotAcceptable if an Accept header excludes a media type."""
    if _weight(accept, media_type) <= 0:
        raise NotAcceptable(f"This path answers with {media_type.decode()}; send the header Accept: */*, or none.")


def best_of(accept: bytes, offered: Sequence[bytes], default: bytes) -> bytes:
    """Return the media type that an Accept header wants most; the default where it leaves the choice.

    Raises:
        NotAcceptable: if it wants none of those offered.
    """
    candidates = (default, *offered)
    best = max(candidates, key=lambda media_type: _weight(accept, media_type))  # the first of equals
    if _weight(accept, best) <= 0:
        names = ", ".join(each.decode() for each in offered)
        raise NotAcceptable(f"This path answers with {names}; send one of them as Accept, or none.")
    return best


def _weight(accept: bytes, media_type: bytes) -> float:
    long = len(accept) > 200  # such headers must not fill the cache
    weight: float = (_weigh.__wrapped__ if long else _weigh)(accept, media_type)
    return weight


@lru_cache(maxsize=256)
def _weigh(accept: bytes, media_type: bytes) -> float:
    """Return the weight of the most specific range that covers the media type; 0 if none does."""
    weights = dict(map(_range, accept.lower().split(b",")))
    base = media_type.partition(b";")[0]
    for candidate in (base, base.partition(b"/")[0] + b"/*", b"*/*"):
        if candidate in weights:
            return weights[candidate]
    return float(weights.keys() <= {b""})


def _range(text: bytes) -> tuple[bytes, float]:
    """Return a media range and its weight."""
    name, *parameters = (part.strip() for part in text.split(b";"))
    weights = [p[2:].strip() for p in parameters if p.startswith(b"q=")]
    return name, min(map(_number, weights), default=1.0)


def _number(text: bytes) -> float:
    """Return a weight; an odd one is 1, because to refuse for it would help nobody."""
    if text[:2] == b"0." and text[2:].isdigit() and len(text) < 10:
        return float(text)
    return 1.0 if text.strip(b"0.") else 0.0
