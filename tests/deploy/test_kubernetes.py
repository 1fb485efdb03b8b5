"""The Kubernetes manifests: valid for the API, and in step with the code and the image."""

import re

import kubernetes_validate
import pytest
import yaml

from forest_serving.settings import SETTINGS, read_settings
from tests.support.manifests import KUBERNETES, base, merged, predictor_pod, production, read
from tests.support.servers import ROOT

VERSIONS = ("1.32", "1.37")
DOCKERFILE = (ROOT / "deploy" / "image" / "Dockerfile").read_text()
POD = base()["Deployment"]["spec"]["template"]["spec"]
SPARE_S = 10
APPLIED = [*base().values(), *production(), predictor_pod()]


def container(pod):
    """Return a pod's one container."""
    (only,) = pod["containers"]
    return only


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("item", APPLIED, ids=lambda item: f"{item['kind']} {item['metadata']['name']}")
def test_an_object_is_valid_and_has_no_unknown_field(item, version):
    kubernetes_validate.validate(item, version, strict=True)


def test_a_misspelt_field_is_found():
    """The validation itself can fail."""
    wrong = merged(base()["PodDisruptionBudget"], {"spec": {"maxUnavailabel": 1}})
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, VERSIONS[0], strict=True)


@pytest.mark.parametrize("folder", ["base", "production"])
def test_a_kustomization_names_every_file_of_its_folder(folder):
    told = read(f"{folder}/kustomization.yaml")
    named = [*told["resources"], *(patch["path"] for patch in told.get("patches", []))]
    there = {path.name for path in (KUBERNETES / folder).iterdir()} - {"kustomization.yaml"}
    assert {name for name in named if name != "../base"} == there


def test_the_overlay_patches_and_renames_what_the_base_has():
    told = read("production/kustomization.yaml")
    for patch in (read(f"production/{entry['path']}") for entry in told["patches"]):
        target = base()[patch["kind"]]
        assert (patch["apiVersion"], patch["metadata"]) == (target["apiVersion"], target["metadata"])
    assert [image["name"] for image in told["images"]] == [container(POD)["image"]]


def test_every_selector_finds_the_pods():
    objects = base()
    labels = objects["Deployment"]["spec"]["template"]["metadata"]["labels"]
    assert objects["Service"]["spec"]["selector"] == labels
    spread = [rule["labelSelector"] for rule in POD["topologySpreadConstraints"]]
    budget, policies = (
        objects["PodDisruptionBudget"],
        [objects["NetworkPolicy"], read("production/network-policy.yaml")],
    )
    selectors = [objects["Deployment"]["spec"]["selector"], budget["spec"]["selector"], *spread]
    selectors += [policy["spec"]["podSelector"] for policy in policies]
    assert all(selector == {"matchLabels": labels} for selector in selectors)


def test_the_autoscaler_scales_the_deployment():
    deployment, target = base()["Deployment"], base()["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"]
    found = (target["apiVersion"], target["kind"], target["name"])
    assert found == (deployment["apiVersion"], deployment["kind"], deployment["metadata"]["name"])
    assert "replicas" not in deployment["spec"]


def test_the_port_is_the_one_that_the_service_listens_on():
    configured = yaml.safe_load((ROOT / "configuration.yaml").read_text())["services"]["IrisClassifier"]["http"]["port"]
    (port,) = container(POD)["ports"]
    annotations = base()["Deployment"]["spec"]["template"]["metadata"]["annotations"]
    exposed = int(re.search(r"^EXPOSE (\d+)$", DOCKERFILE, re.MULTILINE).group(1))
    assert port["containerPort"] == configured == exposed == int(annotations["prometheus.io/port"])


def test_whoever_names_the_port_names_the_container_s():
    objects, name = base(), container(POD)["ports"][0]["name"]
    targets = [port["targetPort"] for port in objects["Service"]["spec"]["ports"]]
    for policy in (objects["NetworkPolicy"], read("production/network-policy.yaml")):
        targets += [port["port"] for rule in policy["spec"]["ingress"] for port in rule["ports"]]
    assert set(targets) == {name}


def test_the_user_is_the_image_s():
    user, group = re.search(r"^USER (\d+):(\d+)$", DOCKERFILE, re.MULTILINE).groups()
    context = POD["securityContext"]
    assert (context["runAsUser"], context["runAsGroup"]) == (int(user), int(group))


def test_the_writable_path_is_the_one_that_the_image_writes_to():
    homes = re.findall(r"(?:BENTOML_HOME|HOME)=(\S+)", DOCKERFILE)
    (mount,) = container(POD)["volumeMounts"]
    assert homes
    assert all(f"{home}/".startswith(f"{mount['mountPath']}/") for home in homes)


@pytest.mark.parametrize("pod", [POD, predictor_pod()["spec"]], ids=["Deployment", "InferenceService"])
def test_a_pod_has_time_to_drain(pod):
    """After preStop come the drain and the last request; what is left then is killed."""
    variables = {entry["name"]: entry["value"] for entry in container(pod)["env"]}
    settings = read_settings(variables)
    pre_stop_s = container(pod)["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert pre_stop_s == settings.drain_s == read_settings({}).drain_s
    assert pod["terminationGracePeriodSeconds"] >= pre_stop_s + settings.drain_s + settings.body_timeout_s + SPARE_S


@pytest.mark.parametrize("pod", [POD, predictor_pod()["spec"]], ids=["Deployment", "InferenceService"])
def test_a_pod_sets_only_variables_that_the_service_reads(pod):
    known = {setting.variable for setting in SETTINGS} | {"PROTOCOL"}  # KServe's own
    assert {entry["name"] for entry in container(pod)["env"]} <= known


@pytest.mark.parametrize("pod", [POD, predictor_pod()["spec"]], ids=["Deployment", "InferenceService"])
def test_a_pod_gets_no_variables_of_services(pod):
    """Those of a Service whose name begins with "forest" would look like settings."""
    assert pod["enableServiceLinks"] is False


@pytest.mark.parametrize(
    "path", sorted({probe["httpGet"]["path"] for name, probe in container(POD).items() if "Probe" in name})
)
def test_a_probe_s_path_is_answered(served_url, path):
    import requests

    assert requests.get(served_url + path, timeout=10).status_code == 200


def test_metrics_are_scraped_where_they_are(served_url):
    import requests

    path = base()["Deployment"]["spec"]["template"]["metadata"]["annotations"]["prometheus.io/path"]
    assert "bentoml_service_request_total" in requests.get(served_url + path, timeout=10).text


def test_the_inference_service_runs_the_deployment_s_pod():
    """But for the spread, which is the Deployment's own label, and what KServe asks for: the name and PROTOCOL."""
    ours, theirs = dict(POD), dict(predictor_pod()["spec"])
    del ours["topologySpreadConstraints"]
    mine, its = container(ours), container(theirs)
    assert its["name"] == "kserve-container"
    assert {"name": "PROTOCOL", "value": "v2"} in its["env"]
    named = {key: mine[key] for key in mine.keys() - {"name", "image", "ports", "env"}}
    assert {key: its[key] for key in its.keys() - {"name", "image", "ports", "env"}} == named
    assert {**ours, "containers": None} == {**theirs, "containers": None}
    assert its["ports"][0]["containerPort"] == mine["ports"][0]["containerPort"]


def test_the_inference_service_scales_as_the_autoscaler_does():
    predictor = read("kserve/inference-service.yaml")["spec"]["predictor"]
    scaler = base()["HorizontalPodAutoscaler"]["spec"]
    target = scaler["metrics"][0]["resource"]["target"]["averageUtilization"]
    told = (predictor["minReplicas"], predictor["maxReplicas"], predictor["scaleTarget"])
    assert told == (scaler["minReplicas"], scaler["maxReplicas"], target)


def test_a_pod_may_do_no_more_than_the_restricted_standard_allows():
    context, mine = POD["securityContext"], container(POD)["securityContext"]
    assert context["runAsNonRoot"]
    assert context["seccompProfile"] == {"type": "RuntimeDefault"}
    assert mine["readOnlyRootFilesystem"]
    assert not mine["allowPrivilegeEscalation"]
    assert mine["capabilities"] == {"drop": ["ALL"]}
    assert not POD["automountServiceAccountToken"]


def test_the_autoscaler_s_target_is_the_one_that_the_figures_recommend():
    target = base()["HorizontalPodAutoscaler"]["spec"]["metrics"][0]["resource"]["target"]["averageUtilization"]
    assert f"target is {target} % of a core" in (ROOT / "docs" / "guides" / "scaling.md").read_text()


def test_the_protocol_that_the_inference_service_names_is_answered(served_url):
    """PROTOCOL is v2: KServe's other components ask for the Open Inference Protocol's paths."""
    import requests

    rows = {"name": "flowers", "datatype": "FP64", "shape": [1, 4], "data": [5.1, 3.5, 1.4, 0.2]}
    reply = requests.post(f"{served_url}/v2/models/iris/infer", json={"inputs": [rows]}, timeout=10)
    assert reply.status_code == 200
    assert requests.get(f"{served_url}/v2/models/iris/ready", timeout=10).status_code == 200
