"""The pages at /ui and /ui/model, and the files that they load: the same for every model, and open to everybody."""

from pathlib import Path

from forest_serving.protocols.endpoint import JSON, Doc, Endpoint, Protocol, Reply, Table, encode
from forest_serving.protocols.predictor import Context
from forest_serving.web.card import card_doc, told_card
from forest_serving.web.kept import FIELDS, kept
from forest_serving.web.regions import regions
from forest_serving.web.table import answered_rows

NAME = "Page"
_FOLDER = Path(__file__).with_name("page")
_FILES = "/ui/{file}"  # one series of metrics for all: there are as many files as other series
_PAGES = {"index.html": "/ui", "model.html": "/ui/model"}
_HTML = b"text/html; charset=utf-8"
_MEDIA_TYPES = {
    ".html": _HTML,
    ".css": b"text/css; charset=utf-8",
    ".js": b"text/javascript; charset=utf-8",
    ".svg": b"image/svg+xml",
    ".txt": b"text/plain; charset=utf-8",
}


def web_pages(context: Context, counts_drift: bool) -> Protocol:
    """Return the pages, their files, and what they ask.

    Args:
        context: what answers, and what reads.
        counts_drift: whether the server answers /drift.
    """
    card = told_card(context, counts_drift)
    asked = {"POST /ui/regions": regions(context)} if len(context.card.features) > 1 else {}
    asked["POST /ui/rows"] = answered_rows(context)
    return Protocol(NAME, {**_files(), "GET /ui/card.json": kept(encode(card), JSON, doc=card_doc(card)), **asked})


def _files() -> Table:
    """Return what answers with the files. They are asked for by relative names, and so from one path only."""
    found: dict[str, Endpoint] = {}
    for file in sorted(_FOLDER.iterdir()):
        place, content = f"GET {_PAGES.get(file.name, f'/ui/{file.name}')}", file.read_bytes()
        doc = Doc("The page of the model, for a browser") if file.name in _PAGES else None
        counted_as = "" if file.name in _PAGES else _FILES
        found[place] = kept(content, _MEDIA_TYPES[file.suffix], "open", doc)._replace(counted_as=counted_as)
        if file.name in _PAGES:
            found[f"{place}/"] = _moved(place.rpartition("/")[2])
    return found


def _moved(name: str) -> Endpoint:
    """Return what leads to a page's one path, relative to it with a slash behind: there may be a prefix before it."""
    fields = (*FIELDS, (b"location", b"../" + name.encode()))
    return Endpoint(lambda headers, body: Reply(b"", _HTML, fields, 308), media_type=_HTML, probe="open")
