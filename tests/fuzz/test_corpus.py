"""Every seed and every finding, kept in corpus/, is answered or refused as its target demands."""

import logging
from pathlib import Path

import pytest
from uvicorn.protocols.http import auto, httptools_impl

from tests.fuzz.targets import TARGETS, services

CORPUS = Path(__file__).parent / "corpus"
KEPT = sorted(file for file in CORPUS.glob("*/*"))


@pytest.fixture(scope="module", autouse=True)
def in_this_process():
    """Undo what fuzzing does to a process: no logs, uvicorn with our classes, services."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(auto, "AutoHTTPProtocol", auto.AutoHTTPProtocol)
        patch.setattr(httptools_impl, "RequestResponseCycle", httptools_impl.RequestResponseCycle)
        yield
    for service in services():
        service.loop.close()
    services.cache_clear()
    logging.disable(logging.NOTSET)


def case(file):
    """Return a file as a case; where coverage is measured, time is not."""
    marks = pytest.mark.once if file.parent.name == "growth" else ()
    return pytest.param(file, id=f"{file.parent.name}/{file.name}", marks=marks)


@pytest.mark.parametrize("file", [case(file) for file in KEPT])
def test_what_was_kept_is_answered_or_refused_rightly_and_in_time(file):
    TARGETS[file.parent.name](file.read_bytes())


def test_every_target_has_seeds_and_all_of_them_are_small():
    assert {file.parent.name for file in KEPT} == set(TARGETS)
    assert sum(file.stat().st_size for file in KEPT) < 300_000
