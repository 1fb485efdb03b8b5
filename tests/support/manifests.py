"""What is in deploy/kubernetes."""

import yaml

from tests.support.servers import ROOT

KUBERNETES = ROOT / "deploy" / "kubernetes"
KSERVE_OWN = {"minReplicas", "maxReplicas", "scaleMetric", "scaleTarget"}


def read(path):
    """Return the one document of a file below deploy/kubernetes."""
    return yaml.safe_load((KUBERNETES / path).read_text())


def base():
    """Return the objects of the base, by kind."""
    objects = [read(f"base/{name}") for name in read("base/kustomization.yaml")["resources"]]
    return {item["kind"]: item for item in objects}


def merged(item, patch):
    """Return an object with a patch of mappings and single values, as kustomize merges it."""
    both = item.keys() & patch.keys()
    assert all(not isinstance(item[key], list) for key in both), "kustomize merges lists by rules of their own"
    return item | patch | {key: merged(item[key], patch[key]) for key in both if isinstance(item[key], dict)}


def production():
    """Return what the production overlay applies: the base, patched, and the overlay's own objects."""
    overlay = read("production/kustomization.yaml")
    objects = base()
    for patch in (read(f"production/{entry['path']}") for entry in overlay["patches"]):
        objects[patch["kind"]] = merged(objects[patch["kind"]], patch)
    return [*objects.values(), *(read(f"production/{name}") for name in overlay["resources"] if name != "../base")]


def predictor_pod():
    """Return the InferenceService's predictor as a plain pod, without the fields that only KServe knows."""
    spec = read("kserve/inference-service.yaml")["spec"]["predictor"]
    pod = {key: value for key, value in spec.items() if key not in KSERVE_OWN}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "predictor"}, "spec": pod}
