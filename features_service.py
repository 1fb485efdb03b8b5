"""Features: rows by id, for other services. Run: FOREST_FEATURES=/path bentoml serve features_service:Features

It has no model and loads no engine. It answers the paths of /features, and POST /features:lookup for other services;
keys, limits, metrics and the drain are the gateway's, as for IrisClassifier. A classifier asks it with
FOREST_FEATURES=http://features:3000; microservices.py starts both in one server.
"""

from pathlib import Path

import bentoml

from forest_serving.host import serving

serving.configure(Path(__file__).with_name("configuration.yaml"))


@bentoml.service(image=serving.IMAGE, service_class=serving.BehindGateway)
class Features(serving.Served, features=serving.features()):
    """Find rows by id."""
