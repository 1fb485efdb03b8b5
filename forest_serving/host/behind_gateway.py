"""A BentoML service that answers through our gateway, and what BentoML calls when a server and each worker start."""

from typing import Any, ClassVar

import bentoml

from forest_serving.errors import OperatorError
from forest_serving.host.bentoml_program import is_command_line
from forest_serving.host.features_choice import FeaturesChoice
from forest_serving.host.model_choice import ModelChoice


class Served:
    """Base of the classes that bentoml.service makes services of.

    Where the model is a regressor, a class loses its method predict_proba: /schema.json must not offer what is not
    there.

    Args:
        model: the model to serve, as in class WineClassifier(Served, model=MODEL).
        features: or else the store of features to serve, without a model.
    """

    served: ClassVar[ModelChoice | FeaturesChoice]

    def __init_subclass__(cls, model: ModelChoice | None = None, features: FeaturesChoice | None = None) -> None:
        served = model or features
        if served is None:
            raise TypeError(f"Say what the service serves: class {cls.__name__}(Served, model=MODEL).")

        @bentoml.on_deployment  # type: ignore[untyped-decorator]
        def prepare_server() -> None:
            from forest_serving.host import supervisor

            try:
                served.pin()
            except OperatorError as error:
                raise SystemExit(str(error)) from None
            supervisor.prepare(served.settings)

        if is_command_line():  # where a service that depends on this one is served in development, nothing is prepared
            from forest_serving.host.control import close_control

            close_control()
        if model and not model.card.is_classifier and "predict_proba" in vars(cls):
            delattr(cls, "predict_proba")
        cls.served = served
        cls.prepare_server = prepare_server  # type: ignore[attr-defined]  # BentoML takes functions without arguments

    @bentoml.on_startup  # type: ignore[untyped-decorator]
    def check_worker(self) -> None:
        """Refuse to serve without the gateway."""
        from forest_serving.host.guards import check_worker

        check_worker()


class BehindGateway(bentoml.Service):  # type: ignore[misc]
    """A service whose application is the gateway, with BentoML's application behind it.

    BentoML offers places for middleware only inside its own layers, which cost more than a prediction, and hang when
    one raises. Its workers ask the service for the application with to_asgi; this overrides that one method.
    It can go when BentoML has a place outside its layers. guards.py makes sure that it is asked.
    """

    __slots__ = ()

    def to_asgi(self, is_main: bool = True) -> Any:
        """Return what a worker serves."""
        from forest_serving.host import dependency, guards, worker

        choice: ModelChoice | FeaturesChoice = self.inner.served
        with guards.ending_the_server(f"{choice.name} cannot be served"):
            settings = dependency.ask_dependency(self, choice.settings)
            if not is_main:
                settings = dependency.beside_a_service(settings)
            app = super().to_asgi(is_main=is_main)
            return worker.make_app(app, choice.served(), settings, bentoml.server_context)
