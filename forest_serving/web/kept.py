"""Contents that are always the same: safe to show, and kept by browsers, which only ask whether they still are."""

import gzip
from hashlib import sha256
from typing import NamedTuple

from forest_serving.protocols.endpoint import Doc, Endpoint, Headers, Probe, Reply
from forest_serving.web.packing import PACKED, VARIES, takes_gzip

_POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self';"
    b" base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
Fields = tuple[tuple[bytes, bytes], ...]
FIELDS: Fields = (
    (b"content-security-policy", _POLICY),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-cache"),  # may be kept, but not used before the server says that it is still the same
)


class _Form(NamedTuple):
    """A content as it is sent, and what is said with it."""

    body: bytes
    fields: Fields
    tag: bytes

    @classmethod
    def of(cls, body: bytes, *fields: tuple[bytes, bytes]) -> "_Form":
        tag = b'"%b"' % sha256(body).hexdigest()[:32].encode()
        return cls(body, (*FIELDS, *fields, VARIES, (b"etag", tag)), tag)


def kept(content: bytes, media_type: bytes, probe: Probe = "", doc: Doc | None = None) -> Endpoint:
    """Return what answers with the same content always, which a browser need not fetch again."""
    plain = _Form.of(content)
    packed = _Form.of(gzip.compress(content, mtime=0), PACKED)

    def respond(headers: Headers, body: bytes) -> Reply:
        form = packed if takes_gzip(headers) else plain
        if _is_known(headers.get(b"if-none-match", b""), form.tag):
            return Reply(b"", media_type, form.fields, 304)
        return Reply(form.body, media_type, form.fields)

    return Endpoint(respond, media_type=media_type, probe=probe, doc=doc)


def _is_known(given: bytes, tag: bytes) -> bool:
    known = [each.strip().removeprefix(b"W/") for each in given.split(b",")]
    return tag in known or known == [b"*"]
