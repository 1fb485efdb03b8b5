"""What a client accepts, by RFC 9110, section 12.5.1."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from forest_serving.errors import NotAcceptable


def check_accept(accept: bytes, media_type: bytes) -> None:
    """Raise NotAcceptable if an Accept header excludes a media type."""
    if _weights(accept, (media_type,))[0] <= 0:
        raise NotAcceptable(f"This path answers with {media_type.decode()}; send the header Accept: */*, or none.")


def best_of(accept: bytes, offered: Sequence[bytes], default: bytes) -> bytes:
    """Return the media type that an Accept header wants most; the default where it leaves the choice.

    Raises:
        NotAcceptable: if it wants none of those offered.
    """
    candidates = (default, *offered)
    weights = _weights(accept, candidates)
    if max(weights) <= 0:
        names = ", ".join(each.decode() for each in offered)
        raise NotAcceptable(f"This path answers with {names}; send one of them as Accept, or none.")
    return candidates[weights.index(max(weights))]  # the first of equals


def _weights(accept: bytes, media_types: tuple[bytes, ...]) -> list[float]:
    """Return the weight of each media type, for all of which the header is read once."""
    long = len(accept) > 200  # such headers must not fill the cache
    weights: list[float] = (_weigh.__wrapped__ if long else _weigh)(accept, media_types)
    return weights


@lru_cache(maxsize=256)
def _weigh(accept: bytes, media_types: tuple[bytes, ...]) -> list[float]:
    ranges = dict(map(_range, accept.lower().split(b",")))
    return [_weight(ranges, media_type.partition(b";")[0]) for media_type in media_types]


def _weight(ranges: Mapping[bytes, float], base: bytes) -> float:
    """Return the weight of the most specific range that covers a media type; 0 if none does."""
    for candidate in (base, base.partition(b"/")[0] + b"/*", b"*/*"):
        if candidate in ranges:
            return ranges[candidate]
    return float(ranges.keys() <= {b""})


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
