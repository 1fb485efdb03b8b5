"""Rows in PostgreSQL: what is found under which ids, and what is said where nothing can be."""

import asyncio
import re
import uuid

import asyncpg
import pytest

from forest_serving.features.postgres_failures import failure_of
from forest_serving.features.postgres_source import PostgresSource, place_of, quoted, statement_of
from forest_serving.features.source import SourceFailed
from tests.support.postgres_servers import postgres
from tests.support.sources import closing, fetched

UUID = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"
HOSTILE = [
    "'; DROP TABLE text_ids; --",
    '"',
    "\\",
    "%",
    "$1",
    "a\0b",
    "\0",
    "{a,b}",
    "NULL",
    "../",
    "é" * 128,
    " a",
    "\n",
]


@pytest.fixture(scope="module")
def server():
    with postgres() as server:
        server.psql(
            """
            CREATE TABLE text_ids (id text PRIMARY KEY, width double precision);
            INSERT INTO text_ids SELECT 'f' || i, i / 8.0 FROM generate_series(0, 20000) i;
            CREATE TABLE varchar_ids (id varchar(8) PRIMARY KEY, width real);
            CREATE TABLE char_ids (id char(4) PRIMARY KEY, width real);
            CREATE DOMAIN number AS bigint;
            CREATE TABLE smallint_ids (id smallint PRIMARY KEY, width real);
            CREATE TABLE integer_ids (id integer PRIMARY KEY, width real);
            CREATE TABLE bigint_ids (id bigint PRIMARY KEY, width real);
            CREATE TABLE number_ids (id number PRIMARY KEY, width real);
            CREATE TABLE uuid_ids (id uuid PRIMARY KEY, width real);
            INSERT INTO varchar_ids VALUES ('a', 1), ('12', 2);
            INSERT INTO char_ids VALUES ('a', 1), ('12', 2);
            INSERT INTO uuid_ids VALUES ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 1);
            INSERT INTO smallint_ids SELECT generate_series(-2, 12), 2;
            INSERT INTO integer_ids SELECT generate_series(-2, 12), 2;
            INSERT INTO bigint_ids SELECT generate_series(-2, 12), 2;
            INSERT INTO number_ids SELECT generate_series(-2, 12), 2;
            CREATE SCHEMA crm;
            CREATE TABLE crm."Odd ""flowers" ("The id" text, width real);
            INSERT INTO crm."Odd ""flowers" VALUES ('a', 0.5);
            ANALYZE;
            """
        )
        yield server


@pytest.fixture
def found(server):
    """Return a function that returns what is found under ids, in a table."""
    return lambda ids, query="?table=text_ids": fetched(PostgresSource(server.url(query)), ids)


def test_rows_come_in_the_order_of_their_ids(found):
    assert found(["f8", "nobody", "f1"]) == [{"id": "f8", "width": 1.0}, None, {"id": "f1", "width": 0.125}]


@pytest.mark.parametrize(
    "table", ["varchar_ids", "char_ids", "integer_ids", "smallint_ids", "bigint_ids", "number_ids"]
)
def test_ids_may_be_of_any_usual_type(found, table):
    records = found(["12", "13"], f"?table={table}")
    assert [record and record["width"] for record in records] == [2, None]


def test_a_uuid_is_found_however_it_is_spelled(found):
    assert found([UUID, UUID.upper(), str(uuid.uuid4()), UUID.replace("-", "")], "?table=uuid_ids") == [
        {"id": UUID, "width": 1},
        {"id": UUID, "width": 1},
        None,
        None,
    ]


@pytest.mark.parametrize("table", ["smallint_ids", "integer_ids", "bigint_ids", "uuid_ids", "varchar_ids"])
@pytest.mark.parametrize(
    "id", ["012", "+12", " 12", "1e1", "12.0", "-0", "99999999999999999999", "9" * 18, "١٢", "12\0"]
)
def test_an_id_that_is_no_value_of_the_columns_type_is_unknown(found, table, id):
    assert found([id], f"?table={table}") == [None]


def test_the_ends_of_a_type_can_be_asked_for(found):
    """One further, and PostgreSQL would refuse all ids of the fetch."""
    ids = [str(sign * 2**bits + more) for bits in (15, 31, 63) for sign in (-1, 1) for more in (-1, 0, 1)]
    for table in ("smallint_ids", "integer_ids", "bigint_ids"):
        assert found(ids, f"?table={table}") == [None] * len(ids)


def test_hostile_ids_are_unknown_and_do_nothing(found, server):
    assert found([*HOSTILE, "f8"]) == [None] * len(HOSTILE) + [{"id": "f8", "width": 1.0}]
    assert server.value("SELECT count(*) FROM text_ids") == "20001"


def test_ten_thousand_ids_are_found_at_once(found):
    records = found([f"f{number}" for number in range(15_000, 25_000)])
    assert [record and record["width"] * 8 for record in records] == [*range(15_000, 20_001), *[None] * 4_999]


@pytest.mark.parametrize("encoding", ["LATIN1", "WIN1252", "EUC_JP", "SQL_ASCII"])
def test_an_id_that_the_database_cannot_write_is_unknown(server, encoding):
    """It would fail the statement, and with it everybody else's ids."""
    server.psql(f"CREATE DATABASE {encoding} ENCODING '{encoding}' TEMPLATE template0")
    server.psql("CREATE TABLE features (id text); INSERT INTO features VALUES ('b')", database=encoding.lower())
    source = PostgresSource(server.url(database=encoding.lower()))
    assert fetched(source, ["ü", "日", "€", "\u0081", "b"]) == [None, None, None, None, {"id": "b"}]


def test_an_id_in_an_older_encoding_is_found(server):
    server.psql("CREATE DATABASE older ENCODING 'LATIN1' TEMPLATE template0")
    server.psql("CREATE TABLE features (id text); INSERT INTO features VALUES ('ü')", database="older")
    assert fetched(PostgresSource(server.url(database="older")), ["ü"]) == [{"id": "ü"}]


def test_values_come_as_postgresql_has_them(server, found):
    server.psql(
        "CREATE TABLE kinds (id text, n numeric, r real, d float8, nan real, t text, b boolean, nothing real);"
        "INSERT INTO kinds VALUES ('a', 5.10, 0.1, 0.1 + 0.2::float8, 'NaN', 'é\"', true, null)"
    )
    assert found(["a"], "?table=kinds") == [
        {"id": "a", "n": 5.1, "r": 0.1, "d": 0.1 + 0.2, "nan": "NaN", "t": 'é"', "b": True, "nothing": None}
    ]


def test_table_and_column_may_have_any_name(found):
    assert found(["a"], "?table=crm.Odd%20%22flowers&id=The%20id") == [{"The id": "a", "width": 0.5}]


def test_a_view_will_do(server, found):
    server.psql("CREATE VIEW flowers AS SELECT id AS flower, width * 10 AS width_mm FROM text_ids")
    assert found(["f8"], "?table=flowers&id=flower") == [{"flower": "f8", "width_mm": 10}]


def test_two_rows_of_one_id_are_no_row(server, found):
    """Neither is answered: a list of them is refused with the id's name, and nobody else's ids are."""
    server.psql("CREATE TABLE twice (id text, n int); INSERT INTO twice VALUES ('a', 1), ('a', 2), ('b', 3), ('a', 4)")
    one, other = found(["a", "b"], "?table=twice")
    assert sorted(row["n"] for row in one) == [1, 2, 4]
    assert other == {"id": "b", "n": 3}


@pytest.mark.parametrize("n_ids", [1, 100, 5_000])
@pytest.mark.parametrize(
    ("table", "kind"),
    [
        ("text_ids", "text"),
        ("varchar_ids", "varchar"),
        ("char_ids", "bpchar"),
        ("bigint_ids", "int8"),
        ("number_ids", "int8"),
        ("uuid_ids", "uuid"),
    ],
)
def test_the_index_is_used(server, table, kind, n_ids):
    place = place_of(server.url(f"?table={table}"))
    ids = [uuid.uuid4() if kind == "uuid" else n if kind == "int8" else str(n) for n in range(n_ids)]

    async def plan():
        connection = await asyncpg.connect(server.url())
        await connection.execute("SET enable_seqscan = off; SET enable_bitmapscan = off")
        lines = await connection.fetch(f"EXPLAIN {statement_of(place, kind)}", ids)
        await connection.close()
        return "\n".join(line[0] for line in lines)

    text = asyncio.run(plan())
    assert re.search(r"Index Cond: \(.*id.* = ANY", text), text


def test_a_statement_is_prepared_once_on_a_connection(server):
    async def prepared():
        async with closing(PostgresSource(server.url("?table=text_ids"))) as source:
            for number in range(5):
                await source.fetch([f"f{number}"])
            async with source._connections.borrowed() as connection:
                return await connection.fetchval(
                    "SELECT count(*) FROM pg_prepared_statements WHERE statement ~ 'row_to[_]json'"
                )

    assert asyncio.run(prepared()) == 1


def test_a_column_that_is_added_is_read_from_then_on(server):
    server.psql("CREATE TABLE growing (id text); INSERT INTO growing VALUES ('a')")

    async def fetch():
        async with closing(PostgresSource(server.url("?table=growing"))) as source:
            before = await source.fetch(["a"])
            server.psql("ALTER TABLE growing ADD COLUMN width real DEFAULT 2")
            return before, await source.fetch(["a"])

    assert asyncio.run(fetch()) == ([b'{"id":"a"}'], [b'{"id":"a","width":2}'])


def test_the_type_of_the_ids_is_read_again_after_an_error(server):
    server.psql("CREATE TABLE changing (id text); INSERT INTO changing VALUES ('1')")

    async def fetch():
        async with closing(PostgresSource(server.url("?table=changing"))) as source:
            await source.fetch(["1"])
            server.psql("ALTER TABLE changing ALTER COLUMN id TYPE bigint USING id::bigint")
            with pytest.raises(SourceFailed, match="operator does not exist"):
                await source.fetch(["1"])
            return await source.fetch(["1"])

    assert asyncio.run(fetch()) == [b'{"id":1}']


@pytest.mark.parametrize(
    ("query", "database", "words"),
    [
        ("", "postgres", 'no table "features"; create it, or name another one'),
        ("?table=crm.flowers", "postgres", 'no table "crm.flowers"'),
        ("?table=text_ids&id=flower", "postgres", 'has no column "flower"; name the one with the ids'),
        ("?table=text_ids&id=width", "postgres", 'The column "width" of "text_ids" is of type float8; it must be text'),
        ("", "nowhere", 'database "nowhere" does not exist; check'),
        ("?sslmode=often", "postgres", "must be one of: disable"),
        ("?tabel=flowers", "postgres", 'unrecognized configuration parameter "tabel"'),
        ("?table=a%00b", "postgres", "invalid byte sequence"),
    ],
)
def test_what_is_missing_is_named_with_its_remedy(server, query, database, words):
    with pytest.raises(SourceFailed) as failed:
        fetched(PostgresSource(server.url(query, database)), ["a"])
    assert words in str(failed.value)


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        (
            asyncpg.ProtocolViolationError("unsupported startup parameter: statement_timeout"),
            "ignore_startup_parameters",
        ),
        (asyncpg.InvalidSQLStatementNameError('prepared statement "a" does not exist'), "max_prepared_statements"),
    ],
)
def test_what_a_pooler_does_not_pass_on_is_named_with_its_remedy(error, remedy):
    """What PgBouncer 1.18 said, in both modes."""
    failed = failure_of(error, "features")
    assert (type(failed), str(error) in str(failed), remedy in str(failed)) == (SourceFailed, True, True)


def test_a_missing_permission_is_named_with_its_remedy(server):
    server.psql("CREATE USER guest PASSWORD 'guest'")
    with pytest.raises(SourceFailed, match=r"permission denied for table text_ids; .* GRANT SELECT ON text_ids TO"):
        fetched(PostgresSource(server.url("?table=text_ids", user="guest:guest")), ["a"])


def test_a_wrong_password_is_named_and_not_told():
    with postgres(auth="scram-sha-256") as server:
        with pytest.raises(SourceFailed) as failed:
            fetched(PostgresSource(server.url(user="postgres:hunter2")), ["a"])
        assert fetched(PostgresSource(server.url("?table=pg_settings&id=name")), ["nowhere"]) == [None]
    assert "password authentication failed" in str(failed.value)
    assert "hunter2" not in str(failed.value)


@pytest.mark.parametrize("url", ["postgresql://user:pass/word@host/db", "postgresql://host:word/db"])
def test_a_url_that_cannot_be_read_is_not_repeated(url):
    with pytest.raises(SourceFailed, match="FOREST_FEATURES is no URL of PostgreSQL") as failed:
        fetched(PostgresSource(url), ["a"])
    assert "word" not in str(failed.value)


@pytest.mark.parametrize("name", ["a", 'a"b', '"', "a; DROP TABLE b", "é"])
def test_a_quoted_name_is_one_name(server, name):
    assert server.value(f"SELECT 1 AS {quoted(name)}") == "1"
