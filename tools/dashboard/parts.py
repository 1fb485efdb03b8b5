"""The parts of a Grafana dashboard, and their places on it."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any

WIDTH = 24  # of Grafana's grid
SOURCE = {"type": "prometheus", "uid": "${source}"}
Part = dict[str, Any]


def panel(  # noqa: PLR0913 - a panel's few fields
    title: str,
    help: str,
    unit: str,
    queries: Mapping[str, str],
    *,
    kind: str = "timeseries",
    size: tuple[int, int] = (8, 8),
    defaults: Mapping[str, Any] | None = None,
    **more: Any,
) -> Part:
    """Return a panel.

    Args:
        title: above it.
        help: what it shows, in a sentence.
        unit: Grafana's name of the values' unit.
        queries: by the names of their series, with labels as in {{class}}.
        kind: Grafana's name of the sort of panel.
        size: width and height in the grid.
        defaults: what else holds for each of its fields.
        more: what else it has.
    """
    targets = [
        {"refId": chr(ord("A") + place), "datasource": SOURCE, "expr": query, "legendFormat": name}
        for place, (name, query) in enumerate(queries.items())
    ]
    of_fields = {"unit": unit, "min": 0} | dict(defaults or {})
    described = {"type": kind, "title": title, "description": help, "datasource": SOURCE, "targets": targets}
    place = {"gridPos": {"w": size[0], "h": size[1]}}
    return described | place | {"fieldConfig": {"defaults": of_fields, "overrides": []}} | more


def stacked(title: str, help: str, unit: str, queries: Mapping[str, str], **defaults: Any) -> Part:
    """Return a panel whose series lie on one another."""
    custom = {"fillOpacity": 30, "stacking": {"mode": "normal", "group": "A"}}
    return panel(title, help, unit, queries, defaults={"custom": custom} | defaults)


def number(title: str, help: str, unit: str, query: str, *limits: float) -> Part:
    """Return the latest value of a query: green, orange from the first limit on, red from the second."""
    steps = [{"color": colour, "value": limit} for colour, limit in zip(("orange", "red"), limits, strict=False)]
    thresholds = {"mode": "absolute", "steps": [{"color": "green", "value": None}, *steps]}
    options = {"reduceOptions": {"calcs": ["lastNotNull"]}, "colorMode": "value", "graphMode": "area"}
    size, defaults = (4, 4), {"thresholds": thresholds}
    return panel(title, help, unit, {"": query}, kind="stat", size=size, defaults=defaults, options=options)


def table(title: str, help: str, unit: str, query: str, names: Mapping[str, str]) -> Part:
    """Return a table of a query's latest samples.

    Args:
        names: what to call the columns that are shown, by label; the value's is "Value".
    """
    order = {label: place for place, label in enumerate(names)}
    shown = (
        {
            "id": "filterFieldsByName",
            "options": {"include": {"names": list(names)}},
        },
        {"id": "organize", "options": {"indexByName": order, "renameByName": dict(names)}},
    )
    made = panel(title, help, unit, {"": query}, kind="table", size=(WIDTH, 7), transformations=list(shown))
    made["targets"][0] |= {"format": "table", "instant": True}
    return made


def variable(name: str, label: str, query: str) -> Part:
    """Return a variable that is chosen from the values of a label: several of them, at first all."""
    chosen = {"selected": True, "text": ["All"], "value": ["$__all"]}
    many = {"multi": True, "includeAll": True, "allValue": ".*", "current": chosen}
    asked = {"query": query, "datasource": SOURCE, "refresh": 2, "sort": 1}  # 2: with each change of the time's range
    return {"type": "query", "name": name, "label": label, **asked, **many}


def laid_out(rows: Mapping[str, Sequence[Part]]) -> Iterator[Part]:
    """Yield the panels of titled rows, numbered, and each in its place."""
    ids, y = count(1), 0
    for title, panels in rows.items():
        yield {"type": "row", "id": next(ids), "title": title, "collapsed": False, "panels": []} | _at(0, y, WIDTH, 1)
        x, y, height = 0, y + 1, 0
        for each in panels:
            w, h = each["gridPos"]["w"], each["gridPos"]["h"]
            if x + w > WIDTH:
                x, y = 0, y + height
            yield {"id": next(ids)} | each | _at(x, y, w, h)
            x, height = x + w, h
        y += height


def _at(x: int, y: int, w: int, h: int) -> Part:
    return {"gridPos": {"x": x, "y": y, "w": w, "h": h}}
