"""A loaded model as a service's methods ask it, over BentoML's typed API or directly in Python."""

from typing import Any

from forest_serving.models.answers import Answers
from forest_serving.models.loaded_model import LoadedModel
from forest_serving.rows.instances import InstanceReader


class DirectModel:
    """Answers instances in any usual form with what the wire replies.

    Args:
        loaded: the model.
    """

    def __init__(self, loaded: LoadedModel) -> None:
        self.loaded = loaded
        self._read = InstanceReader(loaded.card).read

    def predict(self, instances: object) -> dict[str, Any]:
        """Return {"predictions": one label per row, or a regressor's number}.

        Args:
            instances: lists of values, arrays of shape (n_rows, n_features), records, or a DataFrame, whose columns
                are matched by name.

        Raises:
            InvalidInstances: naming the first value, row or column that cannot be used.
        """
        return {"predictions": self.loaded.answer(self._read(instances)).predictions()}

    def predict_proba(self, instances: object) -> dict[str, Any]:
        """Return what predict does, and for each row its class's name, "labels", and all classes' "probabilities".

        Raises:
            InvalidInstances: as predict does.
            AttributeError: if the model is a regressor, as scikit-learn does.
        """
        answers = self.loaded.answer(self._read(instances), with_probabilities=True)
        if not isinstance(answers, Answers):
            raise AttributeError("This model is a regressor: it answers with numbers and has no probabilities.")
        return {
            "predictions": answers.predictions(),
            "labels": answers.names(),
            "probabilities": answers.probabilities(),
        }
