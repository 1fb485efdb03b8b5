"""Should an upgrade open the supervisor's control to others again, the server does not start."""

import pytest

from tests.support.ended import Ended

# BentoML makes its supervisor of another class, as it once did, on ports again.
ON_PORTS_AGAIN = """
import sys
if "serve" in sys.orig_argv:
    import contextlib
    import bentoml._internal.utils.circus as theirs
    from circus.arbiter import Arbiter
    class Renewed(theirs.Arbiter):
        def __init__(self, *arguments, **options):
            Arbiter.__init__(self, *arguments, **options)
            self.exit_stack = contextlib.ExitStack()
    def create(watchers, threaded=False, **options):
        ports = {"endpoint": "tcp://127.0.0.1:*", "pubsub_endpoint": "tcp://127.0.0.1:*"}
        return Renewed(watchers, **ports, check_delay=10, **options)
    theirs.create_standalone_arbiter = create
"""
# And that class starts workers in a way of its own, so that nobody looks.
UNSEEN = f"""{ON_PORTS_AGAIN}
    Renewed.start_watchers = lambda arbiter, **options: arbiter._start_watchers(**options)
"""


@pytest.fixture(
    scope="module",
    params=[
        (
            ON_PORTS_AGAIN,
            "Others on this machine could command this server, so it does not start: it listens on 127.0.0.1:",
        ),
        (UNSEEN, "Others on this machine might command this server, so it does not start: nobody made sure."),
    ],
    ids=["on ports again", "unseen"],
)
def broken(request, tmp_path_factory):
    """Start a server that an upgrade has broken; return how it ended, and what it should say."""
    breaker, sentence = request.param
    return Ended(breaker, tmp_path_factory.mktemp("broken"), 1), sentence


def test_the_server_ends_with_a_sentence_that_says_how_to_fix_it(broken):
    ended, sentence = broken
    (line,) = [line for line in ended.output.splitlines() if sentence in line]
    assert line.endswith("Install the versions of BentoML, kantoku and uvicorn that forest-serving asks for.")
    assert "Traceback" not in ended.output


def test_the_server_fails_for_whoever_started_it_and_answers_nobody(broken):
    ended, _ = broken
    assert (ended.code, ended.replies) == (1, b"")
