"""IrisClassifier: the species of iris flowers, exactly as the trained forest would answer. Run: bentoml serve

BentoML starts the server and replaces its workers, builds the Bento and the image, and makes a contract of this class:
types, /schema.json, its clients, calls in Python. Requests meet the gateway first (forest_serving/http), which stands
in front of BentoML's application: it checks keys and limits, answers predictions in every protocol, and passes on what
is BentoML's.
"""

from pathlib import Path
from typing import Any

import bentoml

from forest_serving.host import serving

serving.configure(Path(__file__).with_name("configuration.yaml"))
MODEL = serving.choose("iris", remedy="python train_and_save.py")  # unless FOREST_MODEL names another


@bentoml.service(image=serving.IMAGE, service_class=serving.BehindGateway)
class IrisClassifier(serving.Served, model=MODEL):
    """Classify iris flowers by their measurements."""

    def __init__(self) -> None:
        self.model = MODEL.load()

    @bentoml.api(input_spec=MODEL.Request, output_spec=MODEL.Predictions)
    def predict(self, instances: Any) -> Any:
        """Return the class of each flower.

        Args:
            instances: rows of sepal length and width, petal length and width in cm, or records or a DataFrame with
                those names in any order.

        Raises:
            InvalidInstances: naming the first value, row or column that cannot be used.
        """
        return self.model.predict(instances)

    @bentoml.api(input_spec=MODEL.Request, output_spec=MODEL.Probabilities)
    def predict_proba(self, instances: Any) -> Any:
        """Return the class, class name and class probabilities of each flower; as predict otherwise."""
        return self.model.predict_proba(instances)
