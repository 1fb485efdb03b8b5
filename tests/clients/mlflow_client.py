"""MLflow's scoring client, asked with what its users have. Usage: mlflow_client.py PORT."""

import json
import sys

import numpy as np
import pandas as pd
from mlflow.pyfunc.scoring_server.client import ScoringServerClient

NAMES = ["sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"]
ROWS = [[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]]
client = ScoringServerClient("127.0.0.1", int(sys.argv[1]))
client.wait_server_ready(timeout=10)
frame = pd.DataFrame(ROWS, columns=NAMES)


def predictions(data, **options):
    """Return what the client makes of the reply."""
    return client.invoke(data, **options).get_predictions().to_numpy().ravel().tolist()


def refusal(data):
    """Return how the client words a refusal."""
    try:
        client.invoke(data)
    except Exception as error:
        return str(error)
    return None


print(
    json.dumps(
        {
            "version": client.get_version(),
            "frame": predictions(frame),
            "reversed": predictions(frame[NAMES[::-1]]),
            "array": predictions(np.array(ROWS)),
            "list": predictions(ROWS),
            "with parameters": predictions(frame, params={"any": 1}),
            "missing": refusal(frame[NAMES[1:]]),
        }
    )
)
