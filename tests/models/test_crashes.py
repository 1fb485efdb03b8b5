"""The store survives a crash at any instant: a save is killed at every system call that writes."""

import re

import pytest

from tests.support.faults import MODEL, harm, seen

SYNCED = re.compile(r"fsync\(\d+<(.*?)>\) = 0")
RENAMED = re.compile(r'rename\("(.*?)", "(.*?)"\) = 0')


@pytest.mark.parametrize(
    ("calls", "options"),
    [
        pytest.param(".*", [], id="all", marks=pytest.mark.once),
        pytest.param("rename|mkdir|fsync", ["--first"], id="first"),
    ],
)
def test_the_old_or_the_new_model_is_served_and_the_next_save_works(calls, options, tmp_path):
    """Also where there was none before. Nothing is left behind once a model was saved again."""
    harmed, number = harm(tmp_path, "signal=KILL", calls, *options)
    assert harmed == []
    assert number > 15


@pytest.fixture(scope="module")
def steps(tmp_path_factory):
    """Return the system calls of one save, in the order in which they were made."""
    return seen(tmp_path_factory.mktemp("traced"))


def test_versions_are_published_before_latest_names_them(steps):
    published = [match[2].split("/models/")[1].split("/") for step in steps if (match := RENAMED.match(step))]
    assert [name for name, _ in published] == ["crashed_forest", MODEL, "crashed_forest", MODEL]
    assert [version == "latest" for _, version in published] == [False, False, True, True]


def test_every_file_is_on_the_disk_before_it_is_published(steps):
    """So the loss of power leaves no name without its content."""
    first = next(number for number, step in enumerate(steps) if RENAMED.match(step))
    opened = {step.split('"')[1] for step in steps[:first] if "O_WRONLY" in step and "/model_drafts/tmp" in step}
    assert len(opened) == 7  # two descriptions, an engine, a pickle, a card to read, and two latest
    assert opened <= {match[1] for step in steps[:first] if (match := SYNCED.match(step))}


def test_each_publication_is_on_the_disk_before_the_next_step_relies_on_it(steps):
    """The folder that a rename changed is synced before another rename."""
    order = [match for step in steps if (match := RENAMED.match(step) or SYNCED.match(step))]
    places = [number for number, match in enumerate(order) if match.re is RENAMED]
    assert [order[place + 1][1] for place in places] == [order[place][2].rpartition("/")[0] for place in places]
