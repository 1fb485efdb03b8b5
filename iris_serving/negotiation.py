"""What a client accepts, by RFC 9110, section 12.5.1."""

from functools import lru_cache

from iris_serving.errors import NotAcceptable


def check_accept(accept: bytes, media_type: bytes) -> None:
    """Raise NotAcceptable if an Accept header excludes a media type."""
    long = len(accept) > 200  # such headers must not fill the cache
    if not (_accepts.__wrapped__ if long else _accepts)(accept, media_type):
        raise NotAcceptable(f"This path answers with {media_type.decode()}; send the header Accept: */*, or none.")


@lru_cache(maxsize=256)
def _accepts(accept: bytes, media_type: bytes) -> bool:
    """Return whether the most specific range that covers the media type has a weight above 0."""
    weights = dict(map(_range, accept.lower().split(b",")))
    base = media_type.partition(b";")[0]
    for candidate in (base, base.partition(b"/")[0] + b"/*", b"*/*"):
        if candidate in weights:
            return weights[candidate]
    return weights.keys() <= {b""}


def _range(text: bytes) -> tuple[bytes, bool]:
    """Return a media range and whether its weight is above 0."""
    name, *parameters = (part.strip() for part in text.split(b";"))
    return name, not any(p.startswith(b"q=") and not p[2:].strip(b"0.") for p in parameters)
