"""deploy/kubernetes/microservices: valid for the API, and in step with ../base, Compose's file and the image."""

import kubernetes_validate
import pytest
import yaml

from forest_serving.settings import SETTINGS, read_settings
from tests.support.manifests import KUBERNETES, base, read
from tests.support.servers import ROOT

VERSIONS = ("1.32", "1.37")
FOLDER = "microservices"
TOLD = read(f"{FOLDER}/kustomization.yaml")
OWN = [read(f"{FOLDER}/{name}") for name in TOLD["resources"] if not name.startswith("..")]
PATCH = read(f"{FOLDER}/classifier-deployment.yaml")
COMPOSE = yaml.safe_load((ROOT / "deploy" / "compose.microservices.yaml").read_text())["services"]
NAME = "app.kubernetes.io/name"


def own(kind, name):
    """Return one of the folder's objects."""
    (found,) = (item for item in OWN if (item["kind"], item["metadata"]["name"]) == (kind, name))
    return found


def pod_of(kind, name):
    """Return the pod of one of the folder's objects."""
    return own(kind, name)["spec"]["template"]["spec"]


def container(pod):
    """Return a pod's one container."""
    (only,) = pod["containers"]
    return only


def peers(rules, side):
    """Return which pods of this namespace rules of a network policy name, and at which ports."""
    return {
        (peer["podSelector"]["matchLabels"][NAME], port["port"])
        for rule in rules
        for peer in rule[side]
        if "podSelector" in peer
        for port in rule["ports"]
    }


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("item", OWN, ids=lambda item: f"{item['kind']} {item['metadata']['name']}")
def test_an_object_is_valid_and_has_no_unknown_field(item, version):
    kubernetes_validate.validate(item, version, strict=True)


def test_the_kustomization_names_every_file_of_its_folder():
    named = {*TOLD["resources"], *(patch["path"] for patch in TOLD["patches"])} - {"../base"}
    assert named == {path.name for path in (KUBERNETES / FOLDER).iterdir()} - {"kustomization.yaml"}


def test_the_images_that_are_renamed_are_the_pods_own():
    images = {container(base()["Deployment"]["spec"]["template"]["spec"])["image"]}
    images |= {container(pod_of("Deployment", "features"))["image"]}
    assert {image["name"] for image in TOLD["images"]} == images


def test_the_patch_tells_the_base_s_container_where_features_are():
    deployment, service = base()["Deployment"], own("Service", "features")
    assert (PATCH["apiVersion"], PATCH["metadata"]["name"]) == (
        deployment["apiVersion"],
        deployment["metadata"]["name"],
    )
    patched = container(PATCH["spec"]["template"]["spec"])
    assert patched["name"] == container(deployment["spec"]["template"]["spec"])["name"]
    assert patched["env"] == [{"name": "FOREST_FEATURES", "value": f"http://{service['metadata']['name']}"}]
    assert service["spec"]["ports"][0]["port"] == 80


def test_features_run_in_the_classifier_s_pod():
    """But for names, the image and the variables."""
    theirs = yaml.safe_load(yaml.safe_dump(base()["Deployment"]).replace("iris-classifier", "features"))
    ours = yaml.safe_load(yaml.safe_dump(own("Deployment", "features")))
    for deployment in (theirs, ours):
        its = container(deployment["spec"]["template"]["spec"])
        del its["image"], its["env"]
    assert ours == theirs


@pytest.mark.parametrize("kind", ["Service", "PodDisruptionBudget", "HorizontalPodAutoscaler"])
def test_features_are_found_kept_and_scaled_as_the_classifier_is(kind):
    theirs = yaml.safe_dump(base()[kind]).replace("iris-classifier", "features")
    assert own(kind, "features") == yaml.safe_load(theirs)


@pytest.mark.parametrize(("kind", "name"), [("Deployment", "features"), ("StatefulSet", "redis")])
def test_a_pod_is_selected_by_its_labels_and_may_do_no_more_than_the_restricted_standard_allows(kind, name):
    spec, pod = own(kind, name)["spec"], pod_of(kind, name)
    assert spec["selector"]["matchLabels"] == spec["template"]["metadata"]["labels"] == {NAME: name}
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    mine = container(pod)["securityContext"]
    assert mine["readOnlyRootFilesystem"]
    assert not mine["allowPrivilegeEscalation"]
    assert mine["capabilities"] == {"drop": ["ALL"]}


def test_features_know_redis_and_read_only_variables_that_there_are():
    variables = {
        entry["name"]: entry.get("value", "word") for entry in container(pod_of("Deployment", "features"))["env"]
    }
    url = variables["FOREST_FEATURES"].replace("$(REDIS_PASSWORD)", variables.pop("REDIS_PASSWORD"))
    assert set(variables) <= {setting.variable for setting in SETTINGS}
    assert read_settings(variables | {"FOREST_FEATURES": url}).features == "redis://:word@redis:6379/0"


def test_both_read_the_password_from_one_secret():
    pods = (pod_of("Deployment", "features"), pod_of("StatefulSet", "redis"))
    keys = [
        entry["valueFrom"]["secretKeyRef"] for pod in pods for entry in container(pod)["env"] if "valueFrom" in entry
    ]
    assert keys == [{"name": "redis", "key": "password"}] * 2


def test_redis_runs_as_compose_runs_it():
    pod, composed = pod_of("StatefulSet", "redis"), COMPOSE["redis"]
    ours, theirs = container(pod)["command"], composed["command"]
    assert ours[:-1] == theirs[:-1]
    assert f"${{REDIS_IMAGE:-{container(pod)['image']}}}" == composed["image"]
    assert str(pod["securityContext"]["runAsUser"]) == composed["user"]


def test_only_classifiers_and_prometheus_reach_features_and_only_features_reach_redis():
    features, redis = (own("NetworkPolicy", name)["spec"] for name in ("features", "redis"))
    assert peers(features["ingress"], "from") == {("iris-classifier", "http"), ("prometheus", "http")}
    assert peers(features["egress"], "to") == {("redis", "redis")}
    assert peers(redis["ingress"], "from") == {("features", "redis")}
    assert redis.get("egress", []) == []
    classifier = own("NetworkPolicy", "iris-classifier-to-features")["spec"]
    assert peers(classifier["egress"], "to") == {("features", "http")}
