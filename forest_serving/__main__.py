"""python -m forest_serving COMMAND: save, prove, card, new, features, report, settings; each has --help."""

import sys
from importlib import import_module

from forest_serving.command_line import run
from forest_serving.errors import OperatorError

COMMANDS = {  # name → module with main(arguments), and what it does
    "save": ("forest_serving.training.save_command", "compile, prove and store a fitted model out of a file"),
    "prove": ("forest_serving.training.prove_command", "repeat the proof that a stored model equals its forest"),
    "card": ("forest_serving.training.card_command", "print what a stored model is, and how good, as Markdown"),
    "new": ("forest_serving.host.new_command", "write a small project of your own that serves a stored model"),
    "features": ("forest_serving.loading.command", "load features by id out of a file; look at one, count them"),
    "report": ("forest_serving.report.command", "write what a prediction log shows, and whether to train anew"),
    "settings": ("forest_serving.settings_command", "list the environment variables that a server reads"),
}


def main() -> int:
    """Run the command that was asked for; return its exit code."""
    name, *arguments = sys.argv[1:] or ["--help"]
    if name in ("-h", "--help"):
        print(f"{__doc__}\n\n" + "\n".join(f"  {command:<10}{words}" for command, (_, words) in COMMANDS.items()))
        return 0
    if name not in COMMANDS:
        raise OperatorError(f"There is no command {name[:40]!r}; use one of {', '.join(COMMANDS)}.")
    code: int = import_module(COMMANDS[name][0]).main(arguments)
    return code


if __name__ == "__main__":
    run(main)
