"""Which versions of a model are in the store, read from BentoML's folders: NAME/VERSION/model.yaml and NAME/latest.

BentoML's own way to NAME:latest is not taken: where that file is empty, or names nothing, BentoML stumbles over any
version that is not whole, or writes into the store while reading.
"""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import yaml
from bentoml._internal.configuration.containers import BentoMLContainer
from bentoml.exceptions import BentoMLConfigException

from forest_serving.errors import BadSetting

DESCRIPTION = "model.yaml"
LATEST = "latest"
CREATED = re.compile(rb"^creation_time: *'?([^'\n]+?)'? *$", re.MULTILINE)
UNKNOWN = datetime.min.replace(tzinfo=UTC)


class Description(msgspec.Struct):
    """What model.yaml says, as far as it matters here; it may not be true."""

    labels: dict[str, str]
    metadata: dict[str, Any]


def store_folder() -> Path:
    """Return the folder of the store in use, which is a Bento's own while one is served.

    Holds on: BentoML's container and its store's path; tests/models/test_bentoml_commands.py fails if they change. It
    can go when BentoML tells where its store is.

    Raises:
        BadSetting: if BENTOML_HOME cannot be used.
    """
    try:
        return Path(BentoMLContainer.model_store.get()._path)
    except BentoMLConfigException as error:
        raise BadSetting(f"BentoML cannot use BENTOML_HOME, BENTOML_CONFIG or its options: {error}.") from None


def without_alias(tag: str) -> str:
    """Return the tag that a Bento has under an alias, or the tag itself."""
    found: str = BentoMLContainer.model_aliases.get().get(tag, tag)
    return found


def versions(model: Path) -> list[str]:
    """Return the versions in a model's folder, the newest first; what has no description is none."""
    folders = [path for path in model.iterdir() if (path / DESCRIPTION).is_file()] if model.is_dir() else []
    return [path.name for path in sorted(folders, key=lambda path: (created(path), path.name), reverse=True)]


def latest(model: Path) -> str | None:
    """Return the version that NAME/latest names; None if it names none that is there, as after a crash."""
    named = contents(model / LATEST).decode(errors="replace").strip()
    return named if named and "/" not in named and "\0" not in named and is_version(model / named) else None


def is_version(folder: Path) -> bool:
    """Return whether a folder is a version and no leftover of a save that was killed."""
    return (folder / DESCRIPTION).is_file()


def created(folder: Path) -> datetime:
    """Return when a version was saved; UNKNOWN if it does not say."""
    found = CREATED.search(contents(folder / DESCRIPTION))
    try:
        time = datetime.fromisoformat(found[1].decode()) if found else UNKNOWN
    except ValueError:
        return UNKNOWN
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def describe(folder: Path) -> Description:
    """Return what a version's description says.

    Raises:
        Exception: of many kinds, as model.yaml can be broken in as many ways as YAML knows.
    """
    return msgspec.convert(yaml.safe_load(contents(folder / DESCRIPTION)), Description)


def contents(path: Path) -> bytes:
    """Return what is in a file; nothing if it is none, such as a pipe, which would not end."""
    return path.read_bytes() if path.is_file() else b""
