"""Which model a service serves: chosen when service.py is imported, pinned once when a server starts."""

import logging
import os
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from forest_serving.card import Card
from forest_serving.host import typed_api
from forest_serving.host.prediction_logging import check_names, check_place
from forest_serving.kernel.library import kernel
from forest_serving.models import store as model_store
from forest_serving.settings import Settings

if TYPE_CHECKING:  # the supervisor needs no NumPy
    from forest_serving.host.direct_calls import DirectModel
    from forest_serving.host.worker import Served
    from forest_serving.http.gateway import Gateway
    from forest_serving.models.loaded_model import LoadedModel

MODEL_VARIABLE = "FOREST_MODEL"
ALIAS = "served_model"  # of the model in every Bento that is built here
_LOG = logging.getLogger("bentoml.forest_serving")  # below BentoML's, so that the supervisor's lines look alike


class ModelChoice:
    """A model that is about to be served.

    Args:
        stored: its tag and card.
        settings: the settings in force.
    """

    def __init__(self, stored: model_store.Stored, settings: Settings) -> None:
        self.tag = stored.tag
        self.card: Card = stored.card
        self.settings = settings
        self.name = f'Model "{stored.tag}"'
        self.Request: type[BaseModel] = typed_api.request_of(self.card)
        self.Predictions: type[BaseModel] = typed_api.predictions_of(self.card)
        self.Probabilities: type[BaseModel] = typed_api.probabilities_of(self.card)

    def pin(self) -> None:
        """Decide that this very version is served, also by a worker that replaces a dead one after a training.

        To be called in the supervisor, before it starts workers: they get its environment.

        Raises:
            BadSetting: if predictions cannot be logged where they are to be.
        """
        check_place(self.settings)
        os.environ[MODEL_VARIABLE] = self.tag
        walk = "native kernel" if kernel() else "NumPy (no native kernel loads here)"
        _LOG.info("Serving %s: %s, %s, SHA-256 %s", self.tag, self.card.engine, walk, self.card.engine_sha256)

    def served(self) -> "Served":
        """Return what a worker serves."""
        from forest_serving.explain.explainer import explainer_of
        from forest_serving.host.worker import Served
        from forest_serving.http.assembly import make_gateway

        model = self.loaded
        explainer = explainer_of(model.card, model.engine, lambda: model_store.explanation(self.tag, model.card))

        def gateway(  # noqa: PLR0913, PLR0917 - as Served says
            app: Any, monitor: Any, metrics: Any, features: Any, watch: Any, settings: Settings
        ) -> "Gateway":
            return make_gateway(app, model, settings, monitor, metrics, features, watch, explainer)

        return Served(gateway, model.card, model.facts(), model)

    @cached_property
    def loaded(self) -> "LoadedModel":
        """The model itself, for workers and direct calls; the gateway and the class share one."""
        return model_store.load(self.tag)

    def load(self) -> "DirectModel":
        """Return the model as the class's methods ask it."""
        from forest_serving.host.direct_calls import DirectModel

        return DirectModel(self.loaded)


def choose(default: str, settings: Settings, remedy: str = "") -> ModelChoice:
    """Return the model to serve: FOREST_MODEL, or the one that the Bento was built with, or the default.

    Args:
        default: the name or tag of a stored model.
        settings: the settings in force.
        remedy: the command that makes the default model.

    Raises:
        ModelMissing, DamagedModel: as the store does; nothing else is served instead.
        BadSetting: if a path that a setting chooses is another one's, or a column that it names is none.
    """
    tag = model_store.compiled_tag(settings.model or _aliased() or default).removesuffix(":latest")
    is_default = tag == model_store.compiled_tag(default)
    stored = model_store.read(tag, remedy if is_default else "")
    check_names(settings, stored.card)
    if settings.vertex_health_route or settings.vertex_predict_route:
        from forest_serving.http.assembly import described_routes  # which imports NumPy

        described_routes(stored.card, stored.tag.partition(":")[2], settings)
    return ModelChoice(stored, settings)


def _aliased() -> str | None:
    """Return the tag that a Bento, or a bentofile.yaml, has under ALIAS.

    Holds on: BentoML's container of aliases. Asking for the alias as bentoml.models.get does would not tell a Bento
    whose model is gone from code that is in no Bento. It can go when BentoML tells a service what it was built with.
    """
    from bentoml._internal.configuration.containers import BentoMLContainer

    return BentoMLContainer.model_aliases.get().get(ALIAS)
