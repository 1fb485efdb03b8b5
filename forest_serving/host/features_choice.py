"""Features alone, without a model: what a service serves that other services ask for rows by id."""

import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from forest_serving.errors import BadSetting
from forest_serving.settings import Settings
from forest_serving.settings_values import features_scheme

if TYPE_CHECKING:
    from forest_serving.host.worker import Served
    from forest_serving.http.gateway import Gateway

NOWHERE = (
    "The service Features has nothing to serve: set FOREST_FEATURES to where rows are stored, such as "
    "/var/lib/features or redis://redis:6379/0."
)
_LOG = logging.getLogger("bentoml.forest_serving")  # below BentoML's, so that the supervisor's lines look alike


class FeaturesChoice:
    """The store that is about to be served.

    Args:
        settings: the settings in force.
    """

    name = "The store of features"

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def pin(self) -> None:
        """Make sure that there is something to serve. To be called in the supervisor, before it starts workers.

        Raises:
            BadSetting: if there is not.
        """
        if not self.settings.features:
            raise BadSetting(NOWHERE)
        _LOG.info("Serving features from %s", _kind(self.settings.features))

    def served(self) -> "Served":
        """Return what a worker serves."""
        from forest_serving.host.worker import Served
        from forest_serving.http.features_assembly import make_features_gateway

        if not self.settings.features:
            raise BadSetting(NOWHERE)

        def gateway(  # noqa: PLR0913, PLR0917 - as Served says
            app: Any, monitor: Any, metrics: Any, features: Any, watch: Any, settings: Settings
        ) -> "Gateway":
            return make_features_gateway(app, features, settings, monitor, metrics)

        return Served(gateway)


def _kind(source: str) -> str:
    """Return what may be said of a source, whose URL may hold a password."""
    if (scheme := features_scheme(source)) in ("", "python"):
        return source.partition("?")[0] if scheme else source
    url = urlsplit(source)
    return f"{scheme}://{url.hostname or url.path}"
