"""A BentoML service that answers through our gateway, and what BentoML calls when a server and each worker start."""

from typing import Any, ClassVar

import bentoml

from forest_serving.host.bentoml_program import is_command_line
from forest_serving.host.model_choice import ModelChoice


class Served:
    """Base of the classes that bentoml.service makes services of.

    Where the model is a regressor, a class loses its method predict_proba: /schema.json must not offer what is not
    there.

    Args:
        model: the model to serve, as in class WineClassifier(Served, model=MODEL).
    """

    served_model: ClassVar[ModelChoice]

    def __init_subclass__(cls, model: ModelChoice) -> None:
        @bentoml.on_deployment  # type: ignore[untyped-decorator]
        def prepare_server() -> None:
            from forest_serving.host import supervisor

            model.pin()
            supervisor.prepare(model.settings)

        if is_command_line():  # where a service that depends on this one is served in development, nothing is prepared
            from forest_serving.host.control import close_control

            close_control()
        if not model.card.is_classifier and "predict_proba" in vars(cls):
            delattr(cls, "predict_proba")
        cls.served_model = model
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
        from forest_serving.host import guards, worker

        choice: ModelChoice = self.inner.served_model
        app = super().to_asgi(is_main=is_main)
        with guards.ending_the_server(f'Model "{choice.tag}" cannot be served'):
            return worker.make_app(app, choice.loaded, choice.settings, bentoml.server_context)
