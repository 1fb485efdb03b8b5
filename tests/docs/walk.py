"""Going through a page as its reader would: its blocks from the first to the last, in one copy of the project."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys

from tests.docs.pages import ROOT, steps
from tests.support.servers import copy_of_store, environment, free_port, wait_until_ready

SERVER = "http://localhost:3000"
SERVES = re.compile(r"(?:\w+=\S+ )*(make serve|bentoml serve)\b")
ADDRESS = {"make serve": " HOST=127.0.0.1 PORT={}", "bentoml serve": " --host 127.0.0.1 --port {}"}
# The environment is this one, and complete: make must not install anything into it.
SHELL = f'set -eu; make() {{ command make VENV="{sys.prefix}" --old-file="{sys.prefix}/.complete" "$@"; }}; '
COMMAND_S = 120
KEPT_OUT = (".*", "__pycache__", "tests", "benchmarks", "docs", "dist")


class Walk:
    """One reader.

    Args:
        folder: an empty folder, for a copy of the project and a BentoML home.
        home: the BentoML home to begin with.
        served_url: the server that answers until a block starts another one.
    """

    def __init__(self, folder, home, served_url):
        self.project = folder / "project"
        shutil.copytree(ROOT, self.project, ignore=shutil.ignore_patterns(*KEPT_OUT))
        self.home = copy_of_store(home, folder / "home")
        self.url = served_url
        self._served = contextlib.ExitStack()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._served.close()

    def do(self, block):
        """Run a block; raise AssertionError if it fails or says something else than it promises."""
        if block.language == "python":
            self._run([sys.executable, "-c", checked(block.text).replace(SERVER, self.url)])
            return
        for command, output in steps(block):
            if SERVES.match(command):
                self._serve(command)
                continue
            said = self._run(["bash", "-c", SHELL + command.replace(SERVER, self.url)])
            assert output is None or said.rstrip("\n") == output, f"{block.place}: {command}"

    def _run(self, arguments):
        done = subprocess.run(
            arguments, cwd=self.project, env=self._environment(), capture_output=True, text=True, timeout=COMMAND_S
        )
        assert done.returncode == 0, f"{arguments[-1]}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def _serve(self, command):
        """Start the server that a line starts, in place of the one before, and ask it from now on."""
        self._served.close()
        port, line = free_port(), command.partition("  #")[0]
        line += ADDRESS[SERVES.match(line)[1]].format(port)
        log = self.home / "server.log"
        with log.open("w") as output:
            server = subprocess.Popen(
                ["bash", "-c", SHELL + line],
                cwd=self.project,
                env=self._environment(),
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self._served.callback(end, server)
        self.url = wait_until_ready(server, f"http://127.0.0.1:{port}", log, None)

    def _environment(self):
        path = f"{sys.prefix}/bin{os.pathsep}{os.environ['PATH']}"
        return environment(self.home, PATH=path, PYTHONPATH="")


def checked(text):
    """Return python whose last line, a call with its answer in a comment, asserts that answer."""
    *before, last = text.rstrip().splitlines()
    call, sign, answer = last.rpartition("  # ")
    if not sign:
        return text
    indent = call[: len(call) - len(call.lstrip())]
    return "\n".join([*before, f"{indent}answer = {call.strip()}", f"{indent}assert answer == {answer}, answer"])


def end(server):
    """Stop a shell and the server below it, by the session that they share."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGTERM)
    try:
        server.wait(timeout=20)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
