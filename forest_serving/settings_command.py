"""python -m forest_serving settings: list the environment variables that a server reads, and those that are set."""

import argparse
import os
from collections.abc import Mapping, Sequence

from forest_serving import text_tables
from forest_serving.settings import COMMAND, SETTINGS, read_settings


def main(arguments: Sequence[str]) -> int:
    """List the settings, and raise BadSetting if one that is set cannot be used; return the exit code."""
    parser = argparse.ArgumentParser(prog=COMMAND, description="List the environment variables that a server reads.")
    parser.add_argument("--markdown", action="store_true", help="print the documentation's table")
    if parser.parse_args(arguments).markdown:
        print(documented())
    else:
        print(listed(os.environ), flush=True)
        read_settings()
    return 0


def documented() -> str:
    """Return all settings as a table in Markdown."""
    rows = ((f"`{s.variable}`", shown(s.default, "`"), s.unit, s.help) for s in SETTINGS)
    return text_tables.markdown(("variable", "default", "unit", "meaning"), rows)


def listed(environ: Mapping[str, str]) -> str:
    """Return all settings as a table for a terminal, with what the environment sets; secrets are hidden."""
    rows = [("variable", "default", "set to", "unit", "meaning")]
    for setting in SETTINGS:
        given = environ.get(setting.variable, "")
        set_to = "(hidden)" if given and setting.secret else given
        rows.append((setting.variable, shown(setting.default), set_to, setting.unit, setting.help))
    return text_tables.aligned(rows)


def shown(default: object, quote: str = "") -> str:
    """Return a default as one writes it; a list or a text that is empty is "none"."""
    return "none" if default in ((), "") else f"{quote}{str(default).lower()}{quote}"
