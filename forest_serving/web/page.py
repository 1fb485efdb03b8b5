"""The pages at /ui and /ui/model, and the files that they load: the same for every model, and open to everybody."""

import gzip
import re
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from forest_serving.protocols.endpoint import JSON, Doc, Endpoint, Headers, Probe, Protocol, Reply, Table, encode
from forest_serving.protocols.predictor import Context
from forest_serving.web.card import told_card
from forest_serving.web.regions import regions
from forest_serving.web.table import answered_rows

NAME = "Page"
_FOLDER = Path(__file__).with_name("page")
_PAGES = {"index.html": "/ui", "model.html": "/ui/model"}
_HTML = b"text/html; charset=utf-8"
_MEDIA_TYPES = {
    ".html": _HTML,
    ".css": b"text/css; charset=utf-8",
    ".js": b"text/javascript; charset=utf-8",
    ".svg": b"image/svg+xml",
    ".txt": b"text/plain; charset=utf-8",
}
_POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self';"
    b" base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
Fields = tuple[tuple[bytes, bytes], ...]
_NEVER = re.compile(rb"\s*q\s*=\s*0(\.0*)?\s*")  # how a client says that it does not take an encoding
_FIELDS: Fields = (
    (b"content-security-policy", _POLICY),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-cache"),  # may be kept, but not used before the server says that it is still the same
)


def web_pages(context: Context, counts_drift: bool) -> Protocol:
    """Return the pages, their files, and what they ask.

    Args:
        context: what answers, and what reads.
        counts_drift: whether the server answers /drift.
    """
    card = encode(told_card(context, counts_drift))
    asked = {"POST /ui/regions": regions(context)} if len(context.card.features) > 1 else {}
    asked["POST /ui/rows"] = answered_rows(context)
    return Protocol(NAME, {**_files(), "GET /ui/card.json": _kept(card, JSON), **asked})


def _files() -> Table:
    """Return what answers with the files. They are asked for by relative names, and so from one path only."""
    found: dict[str, Endpoint] = {}
    for file in sorted(_FOLDER.iterdir()):
        place, content = f"GET {_PAGES.get(file.name, f'/ui/{file.name}')}", file.read_bytes()
        doc = Doc("The page of the model, for a browser") if file.name in _PAGES else None
        found[place] = _kept(content, _MEDIA_TYPES[file.suffix], "open", doc)
        if file.name in _PAGES:
            found[f"{place}/"] = _moved(place.rpartition("/")[2])
    return found


class _Form(NamedTuple):
    """A content as it is sent, and what is said with it."""

    body: bytes
    fields: Fields
    tag: bytes

    @classmethod
    def of(cls, body: bytes, *fields: tuple[bytes, bytes]) -> "_Form":
        tag = b'"%b"' % sha256(body).hexdigest()[:32].encode()
        return cls(body, (*_FIELDS, *fields, (b"vary", b"accept-encoding"), (b"etag", tag)), tag)


def _kept(content: bytes, media_type: bytes, probe: Probe = "", doc: Doc | None = None) -> Endpoint:
    """Return what answers with the same content always, which a browser need not fetch again."""
    plain = _Form.of(content)
    packed = _Form.of(gzip.compress(content, mtime=0), (b"content-encoding", b"gzip"))

    def respond(headers: Headers, body: bytes) -> Reply:
        form = packed if _takes_gzip(headers.get(b"accept-encoding", b"")) else plain
        if _is_known(headers.get(b"if-none-match", b""), form.tag):
            return Reply(b"", media_type, form.fields, 304)
        return Reply(form.body, media_type, form.fields)

    return Endpoint(respond, media_type=media_type, probe=probe, doc=doc)


def _takes_gzip(accepted: bytes) -> bool:
    offers = (each.partition(b";") for each in accepted.lower().split(b","))
    return any(name.strip() == b"gzip" and not _NEVER.fullmatch(quality) for name, _, quality in offers)


def _is_known(given: bytes, tag: bytes) -> bool:
    known = [each.strip().removeprefix(b"W/") for each in given.split(b",")]
    return tag in known or known == [b"*"]


def _moved(name: str) -> Endpoint:
    """Return what leads to a page's one path, relative to it with a slash behind: there may be a prefix before it."""
    fields = (*_FIELDS, (b"location", b"../" + name.encode()))
    return Endpoint(lambda headers, body: Reply(b"", _HTML, fields, 308), media_type=_HTML, probe="open")
