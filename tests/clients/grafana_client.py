"""Grafana's own types of a dashboard. Usage: grafana_client.py FILE.

The result is a list of faults: what they do not know, and so leave out, and what is none of their types or choices.
"""

import enum
import json
import sys
import types
import typing
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard


def unknown(ours, theirs, path=""):
    """Return where what was read has not what was written."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return [each for key in ours for each in unknown(ours[key], theirs.get(key), f"{path}/{key}")]
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        return [
            each
            for place, pair in enumerate(zip(ours, theirs, strict=True))
            for each in unknown(*pair, f"{path}/{place}")
        ]
    return [] if ours == theirs else [f"{path} is unknown"]


def untyped(value, hint, path=""):
    """Return where a value is not what its type says."""
    arguments = typing.get_args(hint)
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        kinds = [each for each in arguments if (each is types.NoneType) == (value is None)]
        return min((untyped(value, each, path) for each in kinds), key=len)
    if typing.get_origin(hint) is list and isinstance(value, list):
        return [fault for place, each in enumerate(value) for fault in untyped(each, *arguments, f"{path}/{place}")]
    if isinstance(value, dict) and hasattr(hint, "from_json"):  # which the reader has left as it was
        value = hint.from_json(value)
    if type(value).__module__.startswith("grafana_foundation_sdk") and not isinstance(value, enum.Enum):
        hints = typing.get_type_hints(type(value))
        return [fault for name in hints for fault in untyped(getattr(value, name), hints[name], f"{path}/{name}")]
    return [] if fits(value, hint) else [f"{path} is no {hint}"]


def fits(value, hint):
    """Return whether a plain value is of a type."""
    if typing.get_origin(hint) is typing.Literal:
        return value in typing.get_args(hint)
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return value in [each.value for each in hint]
    return hint is object or isinstance(value, {float: (int, float)}.get(hint, typing.get_origin(hint) or hint))


register_default_plugins()
written = json.loads(Path(sys.argv[1]).read_text())
read = Dashboard.from_json(written)
print(json.dumps(unknown(written, json.loads(JSONEncoder().encode(read))) + untyped(read, Dashboard)))
