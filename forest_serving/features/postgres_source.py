"""Rows in a table of PostgreSQL, one for each id; any table or view that has a column of ids will do.

postgresql://user:password@host/database?table=crm.customers&id=customer_id
"""

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import asyncpg

from forest_serving.features.connections import Connections
from forest_serving.features.postgres_failures import failure_of, leaves_connection
from forest_serving.features.postgres_ids import IdType, id_type
from forest_serving.features.source import Record, Records, SourceFailed

CONNECTIONS = 8  # of each worker; a connection is a process of PostgreSQL's
CONNECT_S = 5.0
_OURS = {"table": "features", "id": "id"}  # parameters of the URL, and their defaults; others are asyncpg's

# A domain counts as the type that it is made of.
_COLUMN = """
    SELECT to_regclass($1) IS NOT NULL AS has_table, (
        SELECT coalesce(base.typname, own.typname)
        FROM pg_catalog.pg_attribute JOIN pg_catalog.pg_type own ON own.oid = atttypid
        LEFT JOIN pg_catalog.pg_type base ON base.oid = own.typbasetype
        WHERE attrelid = to_regclass($1) AND attname = $2 AND attnum > 0 AND NOT attisdropped
    )::text AS id_type
"""


class Place(NamedTuple):
    """Where rows are.

    Args:
        url: of the database, for asyncpg.
        table: its name, behind its schema's and a dot if it has one.
        column: the one with the ids.
    """

    url: str
    table: str
    column: str

    @property
    def quoted_table(self) -> str:
        """Return the table's name as SQL has it."""
        return ".".join(map(quoted, self.table.split(".", 1)))


class Lookup(NamedTuple):
    """What is asked of the database: a statement, and the type of its one argument's items."""

    statement: str
    ids: IdType


class PostgresSource:
    """Asks a table for the rows of ids, many at once: one statement, which each connection prepares once.

    Args:
        url: see above.
        timeout_s: after which a statement that nobody waits for any more ends in the server, too.
    """

    def __init__(self, url: str, timeout_s: float = 0.2) -> None:
        self.place = place_of(url)
        self._lookup: Lookup | None = None
        settings = {"application_name": "forest_serving", "statement_timeout": str(max(1, round(timeout_s * 1000)))}
        given = dict(parse_qsl(urlsplit(self.place.url).query))
        connect = partial(
            asyncpg.connect,
            self.place.url,
            timeout=CONNECT_S,
            max_cached_statement_lifetime=0,
            server_settings={name: value for name, value in settings.items() if name not in given},
        )
        self._connections: Connections[Any] = Connections(connect, CONNECTIONS, leaves_connection)

    async def fetch(self, ids: Sequence[str]) -> Records:
        """Return the rows that ids have; see Source.fetch."""
        try:
            async with self._connections.borrowed() as connection:
                lookup = self._lookup = self._lookup or await self._looked_up(connection)
                return await _rows(connection, lookup, ids)
        except OSError:  # some of which are ValueErrors, too
            raise
        except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, ValueError) as error:
            self._lookup = None  # the table may have changed
            raise failure_of(error, self.place.table) from error

    async def close(self) -> None:
        """Give back connections."""
        self._connections.close()

    async def _looked_up(self, connection: Any) -> Lookup:
        """Return how rows are looked up, once the type of the ids is known."""
        place = self.place
        has_table, type_name = await connection.fetchrow(_COLUMN, place.quoted_table, place.column)
        if not has_table:
            fix = "create it, or name another one in FOREST_FEATURES (?table=schema.name)"
            raise SourceFailed(f'PostgreSQL has no table "{place.table}"; {fix}.')
        if type_name is None:
            fix = "name the one with the ids in FOREST_FEATURES (?id=column)"
            raise SourceFailed(f'PostgreSQL\'s table "{place.table}" has no column "{place.column}"; {fix}.')
        ids = id_type(type_name, connection.get_settings().server_encoding)
        if ids is None:
            fix = "it must be text, varchar, char, smallint, integer, bigint or uuid, as one that a view makes of it"
            raise SourceFailed(f'The column "{place.column}" of "{place.table}" is of type {type_name}; {fix}.')
        return Lookup(statement_of(place, ids.name), ids)


def place_of(url: str) -> Place:
    """Return where a URL says that rows are."""
    parts = urlsplit(url)
    given = [each.partition("=") for each in parts.query.split("&") if each]
    others = "&".join("".join(each) for each in given if each[0] not in _OURS)
    ours = _OURS | {name: value for name, value in parse_qsl(parts.query) if name in _OURS}
    return Place(parts._replace(query=others).geturl(), ours["table"], ours["id"])


def statement_of(place: Place, id_type: str) -> str:
    """Return the statement that looks rows up; its argument is an array of ids."""
    column = quoted(place.column)
    found = f"t.{column}::text, row_to_json(t.*)::text"  # without .* a column of the name t would be meant
    ids = f"$1::pg_catalog.{id_type}[]"
    return f"SELECT {found} FROM {place.quoted_table} t WHERE t.{column} = ANY({ids})"  # noqa: S608 - names are quoted


def quoted(name: str) -> str:
    """Return a name as SQL has it, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'


async def _rows(connection: Any, lookup: Lookup, ids: Sequence[str]) -> Records:
    values = list(map(lookup.ids.value, ids))
    sent = [value for value in values if value is not None]
    found: dict[str, Record] = {}
    for id, row in await connection.fetch(lookup.statement, sent) if sent else ():
        # What stands under one id twice is no row; as a list of them it is refused, with the id's name.
        found[id] = row.encode() if id not in found else b"[%b,%b]" % (found[id].strip(b"[]"), row.encode())
    return [None if value is None else found.get(str(value)) for value in values]
