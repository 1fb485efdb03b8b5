"""IrisClassifier beside Features: FOREST_FEATURES=/path bentoml serve microservices:IrisClassifier

BentoML starts both, and each has its own "workers" in configuration.yaml. Only the classifier has a port: it asks
Features over a UNIX socket, and only Features reads what FOREST_FEATURES names.
"""

import bentoml

import service
from features_service import Features
from forest_serving.host import serving


@bentoml.service(image=serving.IMAGE, service_class=serving.BehindGateway)
class IrisClassifier(service.IrisClassifier.inner, model=service.MODEL):  # type: ignore[call-arg,misc,name-defined]
    """Classify iris flowers by their measurements, or by their ids."""

    features = bentoml.depends(Features)
