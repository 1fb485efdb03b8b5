"""A real Prometheus for tests, Debian's, which asks servers for their metrics."""

import contextlib
import json
import shutil
import subprocess
import time
from urllib.parse import urlsplit

import requests

from tests.support.servers import ROOT, free_port, stop

PROGRAM, TOOL = "prometheus", "promtool"
START_S = 30
CONFIGURATION = """\
global: {{scrape_interval: 250ms, scrape_timeout: 250ms, evaluation_interval: 250ms}}
rule_files: {rules}
scrape_configs: [{{job_name: forest, static_configs: [{{targets: {targets}}}]}}]
"""


class Prometheus:
    """A running Prometheus.

    Args:
        url: where it answers.
    """

    def __init__(self, url):
        self.url = url

    def ask(self, query):
        """Return the values of a query by their labels, as a set of pairs; an empty set stands for no labels."""
        found = self.get("query", query=query)["result"]
        return {frozenset(each["metric"].items()): float(each["value"][1]) for each in found}

    def get(self, path, **parameters):
        """Return what a path of its API has."""
        reply = requests.get(f"{self.url}/api/v1/{path}", params=parameters, timeout=10).json()
        assert reply["status"] == "success", reply
        return reply["data"]


def program(name=PROGRAM):
    """Return where Prometheus, or its tool, is, after installing it if that is necessary."""
    if not shutil.which(name):
        subprocess.run(["sh", "tools/system.sh", f"{name}={PROGRAM}"], cwd=ROOT, check=True, timeout=250)
    return shutil.which(name)


@contextlib.contextmanager
def watching(url, folder, *others, rules=()):
    """Yield a Prometheus that asks the servers at URLs, and looks at the rules in files, four times a second."""
    port, configuration = free_port(), folder / "prometheus.yml"
    targets = json.dumps([urlsplit(each).netloc for each in (url, *others)])
    configuration.write_text(CONFIGURATION.format(targets=targets, rules=json.dumps(list(map(str, rules)))))
    options = [f"--config.file={configuration}", f"--storage.tsdb.path={folder / 'series'}"]
    command = [program(), *options, f"--web.listen-address=127.0.0.1:{port}"]
    with (folder / "prometheus.log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, start_new_session=True)
    try:
        wait_until_ready(process, f"http://127.0.0.1:{port}", folder / "prometheus.log")
        yield Prometheus(f"http://127.0.0.1:{port}")
    finally:
        stop(process)


def wait_until_ready(process, url, log):
    """Return once Prometheus answers."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(requests.ConnectionError, requests.Timeout):
            if requests.get(f"{url}/-/ready", timeout=5).ok:
                return
        time.sleep(0.05)
    raise AssertionError(f"Prometheus did not start:\n{log.read_text()}")
