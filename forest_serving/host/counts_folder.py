"""Where BentoML's workers leave their counts: in a folder of this server, not in one that all servers of a store share.

Holds on: BentoML's container, where its command line asks for the folder just before it starts a server, having loaded
the service. It empties what it gets, so a second server on a store would take the first one's counts away, and gives
its path to the workers as PROMETHEUS_MULTIPROC_DIR. It can go when BentoML makes a folder for each server.
tests/served/test_two_servers.py shows that it holds.
"""

from bentoml._internal.configuration.containers import BentoMLContainer

from forest_serving.host.bentoml_program import is_command_line
from forest_serving.monitoring.server_folder import make_server_folder


def give_each_server_its_own() -> None:
    """Make BentoML's command line ask us for the folder."""
    if is_command_line():
        # Its set() takes a path, which would have to be made, and removed again, by commands that serve nothing.
        BentoMLContainer.prometheus_multiproc_dir.get = _make  # type: ignore[method-assign]


def _make() -> str:
    try:
        return str(make_server_folder())
    except OSError as error:
        raise SystemExit(f"No folder for counts can be made ({error}); TMPDIR can name another place.") from None
