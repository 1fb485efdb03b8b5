"""Which of BentoML's programs this process is. Elsewhere, as in a notebook, importing a service must change nothing.

Holds on: the names of BentoML's modules for its command line and its workers. It offers no way to ask. If the names
change, BentoML's own configuration would be in force, which tests/served/test_starting.py notices.
"""

import os
import sys
from pathlib import Path

SUPERVISOR_VARIABLE = "_FOREST_SUPERVISOR_PID"  # tells workers whom to stop if they must not serve
CLOSED_VARIABLE = "_FOREST_CONTROL_CLOSED_BY"  # tells workers which process made sure that others cannot command it
REMEDY = "Install the versions of BentoML, kantoku and uvicorn that forest-serving asks for."
_COMMAND_LINE, _WORKER = "bentoml_cli.cli", "_bentoml_impl.worker.service"


def is_command_line() -> bool:
    """Return whether this is "bentoml …" or "python -m bentoml …": what serves (the supervisor), builds or lists."""
    return _COMMAND_LINE in sys.modules


def is_worker() -> bool:
    """Return whether this is a process that BentoML's supervisor started to answer requests."""
    return getattr(sys.modules["__main__"].__spec__, "name", "") == _WORKER


def configure(path: Path) -> None:
    """Make BentoML read a configuration file, unless BENTOML_CONFIG names another.

    BentoML finds its configuration only through that variable, which it reads whenever a service is about to be built,
    served or answered for. It can go when BentoML takes a file from the service, or looks for one beside it.
    """
    if (is_command_line() or is_worker()) and not os.environ.get("BENTOML_CONFIG"):
        os.environ["BENTOML_CONFIG"] = str(path)
