"""What the text of an environment variable may be: each reader returns a value or raises ValueError.

The error's words go on after "FOREST_MAX_ROWS must be".
"""

import re
from pathlib import Path
from urllib.parse import urlsplit

REPLY_TYPES = ("application/json", "application/jsonlines", "text/csv", "application/x-npy")  # of /invocations

FEATURES_SCHEMES = (  # features/choice.py says what each means; none is a path's
    "",
    "redis",
    "rediss",
    "unix",
    "postgresql",
    "postgres",
    "http",
    "https",
    "http+unix",
    "python",
)


def positive_int(text: str) -> int:
    """Read a whole number above 0."""
    if not (re.fullmatch("[0-9]{1,15}", text) and int(text) > 0):
        raise ValueError("a whole number above 0")
    return int(text)


def body_bytes(text: str) -> int:
    """Read a whole number of at least 1000: the example of one row must fit."""
    if not (re.fullmatch("[0-9]{1,15}", text) and int(text) >= 1000):
        raise ValueError("a whole number of 1000 or more")
    return int(text)


def window_rows(text: str) -> int:
    """Read a whole number from 500 to 1,000,000: a tenth of it, which is counted at a time, must be worth it."""
    if not (re.fullmatch("[0-9]{1,7}", text) and 500 <= int(text) <= 1_000_000):
        raise ValueError("a whole number from 500 to 1000000")
    return int(text)


def positive_float(text: str) -> float:
    """Read a finite number above 0."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise ValueError("a number above 0")
    return value


def seconds(text: str) -> float:
    """Read a finite number of 0 or more."""
    return 0.0 if re.fullmatch(r"0+(\.0+)?", text) else positive_float(text)


def features_source(text: str) -> str:
    """Read the path of a folder, or the URL of a store."""
    scheme = features_scheme(text)
    if scheme == "python" and not re.fullmatch(r"python:[\w.]+:\w+(\?\S*)?", text):
        raise ValueError("python:module:callable, if it is a source of your own")
    is_odd = "\0" in text or text.startswith("://") or (scheme and re.search(r"\s", text))
    if is_odd or scheme not in FEATURES_SCHEMES:
        urls = ", ".join(f"{each}://" for each in FEATURES_SCHEMES if each not in ("", "python"))
        raise ValueError(f"the path of a folder, or a URL without spaces that begins with one of {urls}")
    if scheme:
        _check_brackets(text)
    return text


def _check_brackets(url: str) -> None:
    """Raise for the only URLs that Python cannot split: an IPv6 address that does not end, a bracket in a password."""
    try:
        urlsplit(url)
    except ValueError:
        raise ValueError("a URL with [ and ] only around an IPv6 address; in a password they are %5B and %5D") from None


def features_scheme(text: str) -> str:
    """Return the scheme of a store's URL; nothing for a path."""
    return "python" if text.startswith("python:") else text.partition("://")[0] if "://" in text else ""


def drain_seconds(text: str) -> float:
    """Read a number from 0 to 25; the manifests in deploy give a server 30 seconds to leave."""
    if not re.fullmatch(r"[0-9]{1,2}(\.[0-9]+)?", text) or float(text) > 25:
        raise ValueError("a number from 0 to 25")
    return float(text)


def positive_share(text: str) -> float:
    """Read a number above 0, up to 1."""
    value = float(text) if re.fullmatch(r"[0-9]*\.?[0-9]+([eE]-?[0-9]+)?", text) else 0.0
    if not 0 < value <= 1:
        raise ValueError("a number above 0, up to 1")
    return value


def prediction_log(text: str) -> str:
    """Read the path of a folder, or otlp."""
    if "://" in text or text.strip() != text:
        raise ValueError("the path of a folder, or otlp")
    return text


def log_bytes(text: str) -> int:
    """Read a whole number of at least 10 million: the files are removed in parts of it."""
    if not (re.fullmatch("[0-9]{1,15}", text) and int(text) >= 10_000_000):
        raise ValueError("a whole number of 10000000 or more")
    return int(text)


def names(text: str) -> tuple[str, ...]:
    """Read names with commas between them."""
    found = tuple(name.strip() for name in text.split(","))
    if not all(found):
        raise ValueError("a list of names with commas between them")
    return found


def switch(text: str) -> bool:
    """Read true or false."""
    if text.lower() not in ("true", "false"):
        raise ValueError("a switch: true or false")
    return text.lower() == "true"


def model_tag(text: str) -> str:
    """Read the name of a stored model, with or without a version."""
    name, _, version = text.partition(":")
    if not name or ":" in version or any(c.isspace() for c in text):
        raise ValueError('a model tag such as "wine" or "wine_compiled:v1"')
    return text


def api_keys(text: str) -> tuple[str, ...]:
    """Read keys with commas between them."""
    keys = tuple(key.strip() for key in text.split(","))
    if not all(re.fullmatch(r"[!-+\--~]+", key) for key in keys):
        raise ValueError("a list of keys with commas between them, each of printable ASCII characters without spaces")
    return keys


def api_key(text: str) -> str:
    """Read one key, to be sent."""
    if not re.fullmatch(r"[!-~]+", text):
        raise ValueError("a key of printable ASCII characters without spaces")
    return text


def api_keys_file(text: str) -> tuple[str, ...]:
    """Read a file with one key a line; empty lines and those that begin with # do not count."""
    try:
        lines = [line.strip() for line in Path(text).read_text(encoding="ascii").splitlines()]
        return api_keys(",".join(line for line in lines if line and not line.startswith("#")))
    except (OSError, ValueError):
        raise ValueError("a file that can be read, with one key of printable ASCII characters on each line") from None


def origins(text: str) -> tuple[str, ...]:
    """Read web origins with commas between them, or *."""
    found = tuple(origin.strip().rstrip("/") for origin in text.split(","))
    if found != ("*",) and not all(re.fullmatch(r"https?://[^\s/*]+", origin) for origin in found):
        raise ValueError("* or a list of origins such as https://app.example, with commas between them")
    return found


def http_url(text: str) -> str:
    """Read the URL of an HTTP server."""
    if not re.fullmatch(r"https?://[^\s/]+\S*", text):
        raise ValueError("a URL such as http://collector:4318")
    return text


def http_path(text: str) -> str:
    """Read the path of a URL."""
    if not re.fullmatch(r"/[A-Za-z0-9._~:/@!$&'()*+,;=-]*", text):
        raise ValueError("a path such as /predict")
    return text


def vertex_id(text: str) -> str:
    """Read one segment of a path."""
    if not re.fullmatch(r"[A-Za-z0-9._~-]{1,128}", text):
        raise ValueError("an id of letters, digits, ., _, ~ and -")
    return text


def accept_type(text: str) -> str:
    """Read a media type that replies at /invocations can have."""
    if text not in REPLY_TYPES:
        raise ValueError(f"one of {', '.join(REPLY_TYPES)}")
    return text
