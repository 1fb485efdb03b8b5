"""NAME/latest decides what is served; where it is damaged, the newest version that is whole is."""

import os
import shutil
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import bentoml
import pytest

from forest_serving.errors import DamagedModel, ModelMissing
from forest_serving.models import store
from tests.support.faults import MODEL, Saver
from tests.support.servers import ROOT, environment

SAVE = "from tests.support.faults import Saver; saver = Saver(); print(*(saver.save() for _ in range({})))"


@pytest.fixture(scope="module")
def saver():
    """Return what saves a small model."""
    return Saver()


@pytest.fixture
def models(bentoml_home, saver):
    """Return the folder of a model's versions, of which there are two."""
    for name in (MODEL, "crashed_forest"):
        shutil.rmtree(bentoml_home / "models" / name, ignore_errors=True)
    saver.save()
    saver.save()
    yield bentoml_home / "models" / MODEL
    shutil.rmtree(bentoml_home / "models" / MODEL)  # other tests list the store


def newest(folder):
    """Return a model's folders, the newest first."""
    found = [path for path in folder.iterdir() if (path / "model.yaml").exists()]
    return sorted(found, key=lambda path: bentoml.models.get(f"{folder.name}:{path.name}").creation_time, reverse=True)


@pytest.mark.parametrize("text", ["", "a", "gone", "../crashed_forest", "\0", "LATEST", "\udc80"])
def test_a_latest_that_names_nothing_means_the_newest_version(models, saver, text):
    (models / "latest").write_text(text, errors="surrogateescape")
    assert store.load(MODEL).tag == store.read(f"{MODEL}:latest").tag == f"{MODEL}:{newest(models)[0].name}"
    assert not store.is_whole("crashed")  # so that a training mends it
    assert saver.save() == store.read(MODEL).tag
    assert store.is_whole("crashed")


@pytest.mark.parametrize(
    "damage", [lambda f: (f / "model.yaml").unlink(), lambda f: (f / "engine.npz").write_bytes(b"PK")]
)
def test_a_version_that_is_not_whole_is_not_the_newest(models, damage):
    first, second = newest(models)
    (models / "latest").unlink()
    damage(first)
    assert store.load(MODEL).tag == f"{MODEL}:{second.name}"
    damage(second)
    with pytest.raises((DamagedModel, ModelMissing), match=r" Save one with forest_serving\.save\("):
        store.load(MODEL)


def test_the_oldest_models_way_back_is_its_name_in_latest(models):
    """What latest names is served, whatever is newer."""
    (models / "latest").write_text(newest(models)[1].name)
    assert store.load(MODEL).tag == f"{MODEL}:{newest(models)[1].name}"


def test_what_bentoml_left_half_written_is_cleared_away_by_a_save(models, saver):
    """But not what it may be writing now."""
    old, fresh = models / "left", models / "fresh"
    for folder in (old, fresh):
        folder.mkdir()
    os.utime(old, (0, 0))
    saver.save()
    assert (old.exists(), fresh.exists()) == (False, True)


def test_a_clock_that_runs_behind_does_not_make_an_old_model_the_newest(models, saver):
    """Of models that were saved by a clock that ran ahead, the last one saved is the newest, for BentoML too."""
    folder = newest(models)[0]
    ahead, text = datetime.now(UTC) + timedelta(days=400), (folder / "model.yaml").read_text()
    start = text.index("creation_time: ")
    (folder / "model.yaml").write_text(f"{text[:start]}creation_time: '{ahead.isoformat()}'\n")
    tag = saver.save()
    assert store.load(MODEL).tag == tag == str(bentoml.models.get(f"{MODEL}:latest").tag)
    (models / "latest").unlink()
    assert store.load(MODEL).tag == tag == str(bentoml.models.get(f"{MODEL}:latest").tag)


def test_readers_never_meet_a_save_half_way(models, saver):
    found, is_over = [], threading.Event()

    def read():
        while not is_over.is_set():
            try:
                found.append(store.load(MODEL).tag)
            except Exception as error:
                found.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    writer = subprocess.run(
        [sys.executable, "-c", SAVE.format(20)],
        cwd=ROOT,
        env=environment(models.parents[1]),
        capture_output=True,
        text=True,
    )
    is_over.set()
    reader.join()
    assert [error for error in found if isinstance(error, Exception)] == []
    assert len(set(found)) > 5
    assert writer.stderr == ""


def test_models_that_are_saved_at_the_same_time_are_all_whole(models):
    command, env = [sys.executable, "-c", SAVE.format(10)], environment(models.parents[1])
    savers = [subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    tags = [tag for process in savers for tag in process.communicate()[0].split()]
    assert len({store.load(tag).tag for tag in tags}) == 20
    assert store.load(MODEL).tag in tags
    assert Path(models, "latest").read_text() in [tag.partition(":")[2] for tag in tags]
