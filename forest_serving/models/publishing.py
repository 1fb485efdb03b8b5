"""Moving models from a draft into the store, so that a crash at any instant leaves the old ones or the new ones.

A draft is a small store of its own. Its files reach the disk first; then each version is renamed into its place, and at
last each NAME/latest, which is what readers go by. What fails in between is taken back.
"""

import shutil
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from forest_serving.models import versions
from forest_serving.models.drafts import clear_away_halves, sync
from forest_serving.models.versions import CREATED, DESCRIPTION, LATEST

_TICK = timedelta(microseconds=1)


def publish(draft: Path, store: Path, tags: Sequence[str], check: Callable[[], None]) -> None:
    """Move all that is in a draft into the store: everything, or nothing.

    Args:
        draft: a store of its own, on the same disk.
        store: where to.
        tags: of the models in the draft, those first that others refer to.
        check: raises an error if the store does not hold what it should, once it is there.

    Raises:
        OSError: if the store cannot be written.
    """
    names = [tag.partition(":")[0] for tag in tags]
    for tag in tags:
        _date_after(draft / tag.replace(":", "/"), _newest(store / tag.partition(":")[0]))
    for path in (draft, *draft.rglob("*")):
        sync(path)
    with ExitStack() as undo:
        for tag in tags:
            _move(draft, store, tag.replace(":", "/"), undo)
        sync(store)
        for name in names:
            _replace(draft / name / LATEST, store / name / LATEST, undo)
        check()
        undo.pop_all()


def _newest(model: Path) -> datetime:
    """Return when the newest version was saved."""
    known = versions.versions(model)
    return versions.created(model / known[0]) if known else versions.UNKNOWN


def _date_after(version: Path, newest: datetime) -> None:
    """Let a new version be newer than all others, also by a clock that runs behind: BentoML orders them by time."""
    if versions.created(version) <= newest:
        time = min(newest, datetime.max.replace(tzinfo=UTC) - _TICK) + _TICK
        description = version / DESCRIPTION
        text = description.read_bytes()
        description.write_bytes(CREATED.sub(f"creation_time: '{time.isoformat()}'".encode(), text, count=1))


def _move(draft: Path, store: Path, version: str, undo: ExitStack) -> None:
    """Rename a version into the store; as a rename takes no room, taking it back works on a full disk, too."""
    source, target = draft / version, store / version
    clear_away_halves(target.parent)
    target.parent.mkdir(exist_ok=True)
    undo.callback(_try, target.parent.rmdir)  # which fails if other versions are in it
    source.rename(target)
    undo.callback(_try, partial(target.rename, source))
    sync(target.parent)


def _replace(draft: Path, latest: Path, undo: ExitStack) -> None:
    """Rename a draft over the file that names the newest version."""
    kept = draft.with_name("before")
    if latest.is_file():
        shutil.copyfile(latest, kept)
        undo.callback(_try, partial(kept.replace, latest))
    else:
        undo.callback(_try, latest.unlink)
    draft.replace(latest)
    sync(latest.parent)


def _try(step: Callable[[], object]) -> None:
    with suppress(OSError):
        step()
