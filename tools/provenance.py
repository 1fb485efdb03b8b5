"""Where a wheel came from, as an in-toto statement with SLSA's provenance, not yet signed.

Equal commits give equal statements, so they name no time and no machine. Who signs one vouches for it.
"""

from collections.abc import Iterable, Mapping
from importlib.metadata import requires
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.lock_file import Locked

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://slsa.dev/provenance/v1"
BUILD_TYPE = "urn:forest-serving:make-release:v1"  # docs/guides/release.md says what it does
BUILDER = "urn:forest-serving:builder:unsigned"  # no platform that could be trusted; a signature's identity is better
TOOLS = ("hatchling", "uv")


def statement(subjects: Mapping[str, str], source: Mapping[str, Any], lock: Iterable[Locked]) -> dict[str, Any]:
    """Return the statement.

    Args:
        subjects: file names and their SHA-256 digests.
        source: the commit, as a resource descriptor.
        lock: where the tools that build have their versions and hashes.
    """
    definition = {
        "buildType": BUILD_TYPE,
        "externalParameters": {"source": source, "target": "make release"},
        "internalParameters": {},
        "resolvedDependencies": [source, *tools(lock)],
    }
    named = [{"name": name, "digest": {"sha256": digest}} for name, digest in sorted(subjects.items())]
    run = {"builder": {"id": BUILDER}}
    predicate = {"buildDefinition": definition, "runDetails": run}
    return {"_type": STATEMENT, "subject": named, "predicateType": PREDICATE, "predicate": predicate}


def tools(lock: Iterable[Locked]) -> list[dict[str, Any]]:
    """Return what builds the wheel, a descriptor for each file that the lock lets in: one of a package's was used."""
    names = closure(TOOLS)
    return [
        {"uri": each.purl, "digest": {"sha256": digest}}
        for each in lock
        if each.name in names
        for digest in each.sha256
    ]


def closure(names: Iterable[str]) -> set[str]:
    """Return packages and all that they need here."""
    found: set[str] = set()
    to_see = [str(canonicalize_name(name)) for name in names]
    while to_see:
        if (name := to_see.pop()) not in found:
            found.add(name)
            needed = map(Requirement, requires(name) or ())
            to_see += [canonicalize_name(r.name) for r in needed if not r.marker or r.marker.evaluate({"extra": ""})]
    return found
