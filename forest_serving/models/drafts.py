"""Where models are written before they are in the store: a crash leaves a draft, which the next save clears away."""

import errno
import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from bentoml._internal.configuration.containers import BentoMLContainer
from bentoml._internal.models.model import ModelStore

from forest_serving.errors import ModelNotSaved
from forest_serving.models import versions

FOLDER = "model_drafts"
WAIT_S = 60  # for other saves; one takes less than a second, unless the forest is huge
IDLE_S = 60  # a version without a description was left behind by BentoML if nothing was written into it for so long


@contextmanager
def drafting(store: Path) -> Iterator[Path]:
    """Yield an empty folder that is gone afterwards; one save at a time, so that whatever else is there is a leftover.

    Raises:
        ModelNotSaved: if another save does not end.
    """
    drafts = _beside(store) / FOLDER
    drafts.mkdir(exist_ok=True)
    with _locked(drafts / "lock"):
        for leftover in drafts.iterdir():
            if leftover.is_dir():
                shutil.rmtree(leftover, ignore_errors=True)
        with TemporaryDirectory(dir=drafts, ignore_cleanup_errors=True) as draft:
            yield Path(draft)


@contextmanager
def bentoml_saves_in(draft: Path) -> Iterator[None]:
    """Make BentoML take a folder for its store.

    Holds on: BentoML's container, which BentoML sets so, too, while it loads a Bento; bentoml.sklearn takes no other
    store. tests/models/test_crashes.py fails if it changes. It can go when BentoML publishes a model by renaming.
    """
    store = BentoMLContainer.model_store.get()
    BentoMLContainer.model_store.set(ModelStore(draft))
    try:
        yield
    finally:
        BentoMLContainer.model_store.set(store)


def clear_away_halves(model: Path) -> None:
    """Delete what saves by BentoML alone left in a model's folder when they were killed; it cannot list them."""
    for folder in model.iterdir() if model.is_dir() else []:
        if folder.is_dir() and not versions.is_version(folder) and _is_idle(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _beside(store: Path) -> Path:
    """Return a folder from which a rename reaches the store: BentoML lists what is in the store, so rather outside."""
    store = store.resolve()
    return store.parent if store.parent.stat().st_dev == store.stat().st_dev else store


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a lock, which the kernel takes from a process that dies."""
    lock = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        _wait_for(lock, path)
        yield
    finally:
        with suppress(OSError):  # a save that succeeded must not fail here
            os.close(lock)


def _wait_for(lock: int, path: Path) -> None:
    deadline = time.monotonic() + WAIT_S
    while True:
        try:
            return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                fix = "End it, or wait, and save again"
                raise ModelNotSaved(f"Another save has held {path} for {WAIT_S} seconds. {fix}.") from None
        time.sleep(0.02)


def _is_idle(folder: Path) -> bool:
    try:
        return time.time() - max(path.stat().st_mtime for path in (folder, *folder.rglob("*"))) > IDLE_S
    except FileNotFoundError:  # somebody is at it
        return False


def sync(path: Path) -> None:
    """Return once a file's content, or a folder's list of names, would survive the loss of power."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:  # network file systems have nothing to do for a folder
            raise
    finally:
        os.close(descriptor)
