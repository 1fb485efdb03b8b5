"""What PostgreSQL's errors say to whoever reads the log."""

import asyncpg

from forest_serving.features.source import SourceFailed

_BROKEN = (
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.IdleSessionTimeoutError,
    asyncpg.InternalClientError,  # of a connection that was cut a moment ago
)
_FIXES: tuple[tuple[type[Exception], str], ...] = (
    (asyncpg.ProtocolViolationError, "a pooler must let it pass: PgBouncer by ignore_startup_parameters"),
    (asyncpg.InvalidSQLStatementNameError, "a pooler must keep those: PgBouncer 1.21 by max_prepared_statements"),
    (asyncpg.InsufficientPrivilegeError, "let the user in FOREST_FEATURES read it: GRANT SELECT ON {table} TO …"),
    (asyncpg.InvalidAuthorizationSpecificationError, "check user and password in FOREST_FEATURES, and pg_hba.conf"),
    (asyncpg.InvalidCatalogNameError, "check the database's name in FOREST_FEATURES"),
    (asyncpg.QueryCanceledError, "is {table} locked, or its column of ids without an index?"),
    (asyncpg.TooManyConnectionsError, "raise max_connections, or put a pooler in front of it"),
    (asyncpg.UndefinedObjectError, "all parameters of the URL but table and id are PostgreSQL's own"),
    (asyncpg.PostgresError, "the table in FOREST_FEATURES is {table}"),
    (asyncpg.InterfaceError, "check FOREST_FEATURES"),
)


def leaves_connection(error: BaseException) -> bool:
    """Return whether a connection is as good after an error as before."""
    return isinstance(error, asyncpg.PostgresError | SourceFailed) and not isinstance(error, _BROKEN)


def failure_of(error: Exception, table: str) -> Exception:
    """Return what a source raises in place of an error: ConnectionError where another connection may do better."""
    words = str(error).partition("\n")[0]
    is_closed = isinstance(error, asyncpg.InterfaceError) and "closed" in words
    if is_closed or (isinstance(error, _BROKEN) and not isinstance(error, asyncpg.ProtocolViolationError)):
        return ConnectionError(f"PostgreSQL: {words}")
    for kind, fix in _FIXES:
        if isinstance(error, kind):
            return SourceFailed(f"PostgreSQL: {words}; {fix.format(table=table)}.")
    # A URL that cannot be read is not repeated: it may hold a password.
    return SourceFailed("FOREST_FEATURES is no URL of PostgreSQL; is each odd character in it percent-encoded?")
