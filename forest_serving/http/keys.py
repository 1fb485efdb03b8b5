"""API keys: who may ask."""

import hmac
from collections.abc import Sequence
from hashlib import sha256

from forest_serving.errors import KeyRefused

_SENTENCE = "This needs an API key; send the header Authorization: Bearer <key>."


class Keys:
    """The keys in force; several, so that one can be replaced while another still works.

    Args:
        keys: the keys' texts. None means that everybody may ask.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self._digests = [sha256(key.encode()).digest() for key in keys]

    def __bool__(self) -> bool:
        return bool(self._digests)

    def check(self, authorization: bytes | None) -> int | None:
        """Return which key a request came with, or None if none is needed.

        Raises:
            KeyRefused: if it came with no key, or another one.
        """
        if not self._digests:
            return None
        scheme, _, key = (authorization or b"").partition(b" ")
        digest = sha256(key.strip()).digest()
        # Hashes have one length, and all are compared: the time taken tells nothing about any key.
        matches = [hmac.compare_digest(digest, known) for known in self._digests]
        if scheme.lower() != b"bearer" or True not in matches:
            raise KeyRefused(_SENTENCE, headers={"WWW-Authenticate": "Bearer"})
        return matches.index(True)
