"""A real PostgreSQL for tests, Debian's: a cluster of its own on a free port, which goes when the test does."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from tests.support.servers import free_port

START_S = 30
UTF8 = os.environ | {"PGCLIENTENCODING": "UTF8"}  # of what psql is told
# Debian keeps servers out of PATH, each version in a folder of its own.
FOLDERS = [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True), *map(Path, os.environ["PATH"].split(":"))]
# Nothing that tests write has to outlive the machine.
OPTIONS = ("-c", "fsync=off", "-c", "full_page_writes=off", "-c", "shared_buffers=32MB", "-c", "max_connections=40")


def program(name):
    """Return a program of PostgreSQL's."""
    found = shutil.which(name, path=os.pathsep.join(map(str, FOLDERS)))
    assert found, f"{name} is missing; install it as make test does: sh tools/system.sh pg_ctlcluster=postgresql"
    return found


def as_its_user(*command):
    """Return a command as run by who may: PostgreSQL's programs refuse root."""
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command] if is_root() else command


def is_root():
    """Return whether this process may do anything."""
    return os.geteuid() == 0


class Postgres:
    """A cluster, which can be stopped, killed and started again on its port.

    Args:
        folder: of its data.
        auth: how who connects over TCP shows who they are.
    """

    def __init__(self, folder, auth="trust"):
        self.folder = folder
        self.port = free_port()
        self.process = None
        password = folder.with_suffix(".password")
        password.write_text("secret")
        password.chmod(0o644)
        command = [program("initdb"), "--no-sync", "--encoding=UTF8", "--locale=C", "--username=postgres"]
        command += [f"--auth-host={auth}", f"--pwfile={password}", f"--pgdata={folder}"]
        done = subprocess.run(as_its_user(*command), cwd="/", capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr

    def url(self, query="", database="postgres", user="postgres:secret"):
        """Return where FOREST_FEATURES finds it."""
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}{query}"

    def start(self, *options):
        """Start the server, and return once it answers."""
        command = [program("postgres"), "-D", self.folder, "-p", str(self.port), "-k", "", *OPTIONS, *options]
        with self.log_file.open("a") as log:
            self.process = subprocess.Popen(
                as_its_user(*command), cwd="/", stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + START_S
        while self.psql("SELECT 1", check=False).returncode:
            assert self.process.poll() is None, self.log_file.read_text()
            assert time.monotonic() < deadline, self.log_file.read_text()
            time.sleep(0.05)

    @property
    def log_file(self):
        """Return the file in which the server logs."""
        return self.folder.with_suffix(".log")

    def psql(self, statements, check=True, database="postgres"):
        """Run SQL as its superuser; return what psql did."""
        command = [program("psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", self.url(database=database)]
        done = subprocess.run([*command, "-c", statements], env=UTF8, capture_output=True, text=True, timeout=60)
        assert not check or done.returncode == 0, done.stderr
        return done

    def value(self, statement):
        """Return what a statement says, as text."""
        return self.psql(statement).stdout.strip()

    def signal(self, number):
        """Send a signal to the server and all that it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)
        for backend in self._backends():  # each in a process group of its own
            with contextlib.suppress(ProcessLookupError):
                os.kill(backend, number)

    def kill(self):
        """End it at once, as a crash would."""
        self.signal(signal.SIGKILL)
        self.process.wait(20)

    def stop(self):
        """End it, if it runs, without waiting for clients."""
        if self.process is None or self.process.poll() is not None:
            return
        self.signal(signal.SIGCONT)
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(20)

    def _backends(self):
        listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True)
        return list(map(int, listed.stdout.split()))


@contextlib.contextmanager
def postgres(*options, auth="trust"):
    """Yield a running PostgreSQL with an empty database "postgres"."""
    with tempfile.TemporaryDirectory(prefix="postgres-") as place:  # pytest's own folders are closed to its user
        if is_root():
            shutil.chown(place, "postgres", "postgres")
        server = Postgres(Path(place) / "cluster", auth)
        try:
            server.start(*options)
            yield server
        finally:
            server.stop()
