"""The URL of a service in FOREST_FEATURES, taken apart."""

from typing import NamedTuple
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from forest_serving.errors import BadSetting

_UNIX = "http+unix"


class Address(NamedTuple):
    """Where a service is.

    Args:
        url: of the service, without a query.
        socket: the path of its Unix socket; empty for one that is reached over TCP.
        shown: the URL as it may be logged, without a password.
        names_user: whether the URL has a user, whose password is sent as Basic.
    """

    url: str
    socket: str
    shown: str
    names_user: bool


def address_of(url: str) -> Address:
    """Return where a service is.

    Raises:
        BadSetting: if the URL does not say.
    """
    parts = _split(url)
    shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    if parts.scheme == _UNIX:
        return Address("http://localhost", unquote(parts.path), shown, False)
    path = parts.path.rstrip("/")
    return Address(f"{parts.scheme}://{parts.netloc}{path}", "", shown, parts.username is not None)


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        is_complete = parts.path not in ("", "/") if parts.scheme == _UNIX else parts.hostname and parts.port != 0
    except ValueError:
        is_complete = False
    if not is_complete:
        raise BadSetting(
            "FOREST_FEATURES must be the URL of a service, as http://host:3000 or http+unix:///run/it.sock."
        )
    return parts


def parameters_of(url: str, *known: str) -> dict[str, str]:
    """Return the parameters of a URL.

    Raises:
        BadSetting: if it has others than the known ones.
    """
    given = dict(parse_qsl(_split(url).query, keep_blank_values=True))
    for name in given.keys() - set(known):
        which = f"only {', '.join(known)} may be there" if known else "the URL of a service takes none"
        raise BadSetting(f'FOREST_FEATURES has the parameter "{name[:80]}"; {which}.')
    return given
