"""What protocols read from requests, without a server: the rows that a model was asked, and the reply."""

from tests.support.cards import card
from tests.support.in_process import Recorder, reply_now, routes

NATIVE, INFER, V1 = "/predict", "/v2/models/iris/infer", "/v1/models/iris:predict"
INVOCATIONS, TORCHSERVE, VERTEX = "/invocations", "/predictions/iris", "/vertex"


class Asked:
    """A model that keeps the rows it was asked, and the routes that ask it."""

    def __init__(self, model_card=None, **variables):
        self.model = Recorder(model_card or card())
        self.routes = routes(self.model, AIP_PREDICT_ROUTE=VERTEX, **variables)

    def __call__(self, path, body, headers=()):
        """Return the rows that were read from a request, and the reply; in the path, iris is the model's name."""
        endpoint = self.routes[path.replace("/iris", f"/{self.model.card.name}")]["POST"]
        reply = reply_now(endpoint, headers, body if isinstance(body, bytes) else body.encode())
        return self.model.rows, reply


def tensor(rows, **others):
    """Return rows as a tensor of the Open Inference Protocol."""
    return {"name": "x", "shape": list(rows.shape), "datatype": "FP64", "data": rows.tolist()} | others
