"""What an id is in PostgreSQL: a value of the id column's own type, so that the column's index is used."""

import codecs
import re
from collections.abc import Callable
from typing import Any, NamedTuple

_WHOLE = re.compile("0|-?[1-9][0-9]{0,18}")
_UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class IdType(NamedTuple):
    """A type that ids may have.

    Args:
        name: PostgreSQL's own name of it.
        value: returns what is sent for an id; None for an id that no value of this type has.
    """

    name: str
    value: Callable[[str], Any]


def id_type(name: str, server_encoding: str) -> IdType | None:
    """Return the type with this name in pg_type; None if ids of this type are not read."""
    if name in ("text", "varchar", "bpchar"):
        return IdType(name, _text(_codec(server_encoding)))
    if name in ("int2", "int4", "int8"):
        return IdType(name, _whole(2 ** (8 * int(name[-1]) - 1)))
    return IdType(name, _uuid) if name == "uuid" else None


def _text(codec: str) -> Callable[[str], str | None]:
    def value(id: str) -> str | None:
        try:
            return None if b"\0" in id.encode(codec) else id  # PostgreSQL's text cannot hold a NUL
        except UnicodeEncodeError:
            return None

    return value


def _codec(server_encoding: str) -> str:
    """Return what Python calls an encoding; where it has no name for it, ids are ASCII.

    One id that the database cannot write would fail the query, and with it everybody else's ids.
    """
    if server_encoding in ("UTF8", "SQL_ASCII"):
        return "utf-8"
    try:
        return codecs.lookup(re.sub("^WIN", "cp", server_encoding)).name
    except LookupError:
        return "ascii"


def _whole(end: int) -> Callable[[str], int | None]:
    def value(id: str) -> int | None:
        number = int(id) if _WHOLE.fullmatch(id) else end
        return number if -end <= number < end else None

    return value


def _uuid(id: str) -> str | None:
    return id.lower() if _UUID.fullmatch(id) else None
