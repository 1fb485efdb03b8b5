"""Who is asked: this service with rows in the request or under ids, and others' ways to find rows by id."""

import contextlib
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

from benchmarks.features.stores import Rows, fill_folder, postgres_server, program, redis_server
from benchmarks.server.install import DidNotStart, install
from benchmarks.server.peers import Peer
from benchmarks.server.plan import Plan, Say
from benchmarks.server.running import Running, running

FEATURES = "FOREST_FEATURES"
BY_ROW, EMBEDDED, REDIS, POSTGRES, SERVICE = "by row", "embedded", "Redis", "PostgreSQL", "another service"
PLAIN, FEAST = "FastAPI, redis-py", "Feast's server, FastAPI, scikit-learn"


@dataclass(frozen=True)
class Subject:
    """One way to answer, which runs.

    Attributes:
        name: in tables.
        server: what is asked.
        behind: servers whose processor time counts, too.
        by_row: whether requests hold rows, not ids.
    """

    name: str
    server: Running
    behind: tuple[Running, ...] = ()
    by_row: bool = False


@dataclass
class Started:
    """All that runs, and what could not be started.

    Attributes:
        subjects: by name.
        missing: why others are not among them.
        redis_url: where Redis is; none if it is missing.
    """

    subjects: dict[str, Subject]
    missing: dict[str, str]
    redis_url: str = ""


@contextlib.contextmanager
def started(plan: Plan, rows: Rows, say: Say) -> Iterator[Started]:
    """Start all subjects side by side; what cannot be started is missing, and says why."""
    (plan.work / "rows.json").write_text(json.dumps(rows))
    found = Started({}, {})
    with ExitStack() as stack:
        starting = Starting(plan, rows, stack, found)
        for name, start in starting.steps().items():
            say(f"starting {name}")
            try:
                found.subjects[name] = start()
            except (DidNotStart, OSError, ImportError) as error:
                found.missing[name] = f"{error}"
        yield found


class Starting:
    """Starts subjects, each with what it asks."""

    def __init__(self, plan: Plan, rows: Rows, stack: ExitStack, found: Started) -> None:
        self.plan, self.rows, self.stack, self.found = plan, rows, stack, found
        self.folder = plan.work / "embedded"

    def steps(self) -> dict[str, Callable[[], Subject]]:
        """Return what starts each."""
        return {
            BY_ROW: lambda: Subject(BY_ROW, self.run(Peer.read("iris")), by_row=True),
            EMBEDDED: self.embedded,
            REDIS: self.redis,
            POSTGRES: lambda: self.ours(POSTGRES, self.stack.enter_context(postgres_server(self.rows))),
            SERVICE: self.service,
            PLAIN: lambda: Subject(PLAIN, self.run(Peer.read("features-plain"), STORE=self.redis_url())),
            FEAST: lambda: Subject(FEAST, self.run(Peer.read("features-feast"))),
        }

    def run(self, peer: Peer, **variables: str) -> Running:
        """Install a peer and start it."""
        install(peer, self.plan.prefix, self.plan.work)
        return self.stack.enter_context(running(peer, self.plan.prefix, self.plan.work, **variables))

    def ours(self, name: str, store: str, behind: tuple[Running, ...] = ()) -> Subject:
        """Start this service, with rows in a store."""
        peer = Peer.read("iris").variant(f"iris-{name.replace(' ', '-')}")
        return Subject(name, self.run(peer, **{FEATURES: store}), behind)

    def embedded(self) -> Subject:
        """Start this service, with rows in a folder."""
        fill_folder(self.folder, self.rows)
        return self.ours(EMBEDDED, str(self.folder))

    def redis_url(self) -> str:
        """Return where Redis is, started when it is first asked for."""
        if not self.found.redis_url:
            self.found.redis_url = self.stack.enter_context(redis_server(self.rows))
        return self.found.redis_url

    def redis(self) -> Subject:
        """Start this service, with rows in Redis, if what it is compared with is there."""
        program("redis-benchmark", "redis-tools")
        return self.ours(REDIS, self.redis_url())

    def service(self) -> Subject:
        """Start the service Features, with rows in the folder, and this service, which asks it."""
        iris, what = Peer.read("iris"), {"path": "/features:lookup", "body": '{"ids": ["f0"]}'}
        command = [*iris.command[:4], "features_service:Features", *iris.command[4:]]
        peer = iris.variant("features-service", command=command, **what)
        behind = self.run(peer, **{FEATURES: str(self.folder)})
        return self.ours(SERVICE, f"http://127.0.0.1:{behind.port}", (behind,))
