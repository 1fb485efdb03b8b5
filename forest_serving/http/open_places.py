"""What is answered without a key where keys are set: one table, by method and path.

The gateway asks it, the guide to keys shows it, and tests ask for all that is not in it.
"""

from collections.abc import Set

from forest_serving.http.behind import BENTOML_FOLDER, BENTOML_ROUTES
from forest_serving.protocols.endpoint import Routes
from forest_serving.settings import Settings


def open_places(routes: Routes, settings: Settings) -> frozenset[str]:
    """Return each "METHOD /path" that needs no key; one that ends in a slash and * stands for what is below it.

    Args:
        routes: what is answered. Probes are open, and pages that the settings make so.
        settings: the settings in force.
    """
    all_routes = {**BENTOML_ROUTES, **routes}
    places = {
        f"{m} {path}" for path, methods in all_routes.items() for m, endpoint in methods.items() if endpoint.probe
    }
    if settings.docs_open:
        places.add(f"GET {BENTOML_FOLDER}*")
    return frozenset(places | {f"HEAD{place.removeprefix('GET')}" for place in places if place.startswith("GET ")})


def is_open(places: Set[str], method: str, path: str) -> bool:
    """Return whether a request needs no key."""
    return f"{method} {path}" in places or (path.startswith(BENTOML_FOLDER) and f"{method} {BENTOML_FOLDER}*" in places)
