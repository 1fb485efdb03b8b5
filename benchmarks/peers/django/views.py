"""The forest behind Django."""

import json
import os

import joblib
from django.http import JsonResponse
from django.views.decorators.http import require_POST

forest = joblib.load(os.environ["FOREST"])


@require_POST
def predict(request):
    """Return the class of each row."""
    rows = json.loads(request.body)["instances"]
    return JsonResponse({"predictions": forest.predict(rows).tolist()})
