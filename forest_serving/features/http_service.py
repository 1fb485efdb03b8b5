"""A service that is asked by POST with JSON: connections are kept, replies bounded, redirects not followed."""

from contextlib import suppress
from http import HTTPStatus

import aiohttp

from forest_serving.errors import BadSetting
from forest_serving.features.http_address import address_of
from forest_serving.features.source import SourceFailed

CONNECTIONS = 16  # of each worker
MOST_REPLY_BYTES = 33 * 1024 * 1024  # a service of this project sends records of up to 32 MiB, and what is around them
IDLE_S = 4.0  # servers of this project close idle connections after 5 s: whoever asks then would find them closed
_SHOWN_CHARACTERS = 200
_HEADERS = {"Content-Type": "application/json", "Accept": "application/json", "Accept-Encoding": "identity"}
_FIXES = {
    HTTPStatus.UNAUTHORIZED: "set FOREST_FEATURES_KEY to a key that it takes",
    HTTPStatus.FORBIDDEN: "set FOREST_FEATURES_KEY to a key that may read there",
    HTTPStatus.NOT_FOUND: "is FOREST_FEATURES the URL of a service that answers there?",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "raise FOREST_MAX_BODY_BYTES and FOREST_MAX_ROWS there",
}


class TooMuch(SourceFailed):
    """The service answers fewer ids at a time (413)."""


class Unfit(SourceFailed):
    """The service has something else than records under one of the ids (422)."""


_KINDS: dict[int, type[SourceFailed]] = {
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: TooMuch,
    HTTPStatus.UNPROCESSABLE_ENTITY: Unfit,
}


class HttpService:
    """Asks one URL.

    Args:
        url: of a server, http, https or http+unix (whose path is the socket's); its query is not sent.
        path: to ask there, behind the URL's own.
        key: sent as Bearer; none if empty.

    Raises:
        BadSetting: if the URL cannot be used.
    """

    def __init__(self, url: str, path: str, key: str) -> None:
        self.address = address_of(url)
        if self.address.names_user and key:
            raise BadSetting("FOREST_FEATURES names a user, and FOREST_FEATURES_KEY a key; keep one of both.")
        self._url = self.address.url + path
        self._headers = _HEADERS | ({"Authorization": f"Bearer {key}"} if key else {})
        self._session: aiohttp.ClientSession | None = None

    async def ask(self, question: bytes) -> bytes:
        """Return the body of the reply.

        Raises:
            TooMuch, Unfit: if that is what the service says.
            SourceFailed, OSError: if there is no reply that says 200.
        """
        self._session = self._session or self._opened()
        try:
            async with self._session.post(self._url, data=question, allow_redirects=False) as response:
                body = await self._bounded(response)
        except OSError:
            raise
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientPayloadError) as error:
            raise ConnectionError(f"{self.address.shown}: {error}") from error
        except aiohttp.ClientError as error:
            raise self.failed(f"does not answer as HTTP has it ({str(error)[:_SHOWN_CHARACTERS]})") from error
        if response.status != HTTPStatus.OK:
            raise self._refused(response, body)
        return body

    def failed(self, what: str, kind: type[SourceFailed] = SourceFailed) -> SourceFailed:
        """Return the error that says what the service did."""
        return kind(f"{self.address.shown} {what}.")

    async def close(self) -> None:
        """Close all connections."""
        if self._session:
            await self._session.close()

    def _opened(self) -> aiohttp.ClientSession:
        connector: aiohttp.BaseConnector
        if self.address.socket:
            connector = aiohttp.UnixConnector(self.address.socket, limit=CONNECTIONS, keepalive_timeout=IDLE_S)
        else:
            connector = aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=IDLE_S)
        return aiohttp.ClientSession(
            connector=connector,
            headers=self._headers,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),  # whoever asks sets a deadline
            auto_decompress=False,
        )

    async def _bounded(self, response: aiohttp.ClientResponse) -> bytes:
        chunks, n_bytes = [], 0
        async for chunk in response.content.iter_any():
            n_bytes += len(chunk)
            if n_bytes > MOST_REPLY_BYTES:
                response.close()
                raise self.failed(f"sent more than {MOST_REPLY_BYTES:,} bytes")
            chunks.append(chunk)
        return b"".join(chunks)

    def _refused(self, response: aiohttp.ClientResponse, body: bytes) -> SourceFailed:
        status = response.status
        if where := response.headers.get("Location"):
            return self.failed(f"redirects to {where[:_SHOWN_CHARACTERS]}, which is not followed; set that URL")
        words = " ".join(body[:_SHOWN_CHARACTERS].decode("utf-8", "replace").split())
        fix = ""
        with suppress(KeyError, ValueError):
            fix = f"; {_FIXES[HTTPStatus(status)]}"
        return self.failed(f"answered {status} ({words}){fix}", _KINDS.get(status, SourceFailed))
