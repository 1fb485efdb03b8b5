"""HTTPS as the guide starts it, scanned by sslyze."""

import pytest

from tests.support.certificates import issue
from tests.support.clients import said
from tests.support.servers import copy_of_store, serving

OF_TLS_1_3 = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"]
OF_TLS_1_2 = ["AES_128_GCM_SHA256", "AES_256_GCM_SHA384", "CHACHA20_POLY1305_SHA256"]


@pytest.fixture(scope="module", params=["RSA", "ECDSA"])
def scanned(request, bentoml_home, tmp_path_factory):
    """Return what sslyze finds with a certificate of each kind, and the kind."""
    home = copy_of_store(bentoml_home, tmp_path_factory.mktemp(request.param))
    files = issue(home, request.param)
    with serving(*files.options(), home=home, certificates=files) as url:
        return said("sslyze", "scan.py", url.rpartition(":")[2]), request.param


def test_only_tls_1_2_and_1_3_are_spoken_with_ciphers_that_authenticate_and_keep_the_past_secret(scanned):
    result, kind = scanned
    spoken = {version: suites for version, suites in result["suites"].items() if suites}
    assert spoken == {"tls_1_2": [f"TLS_ECDHE_{kind}_WITH_{end}" for end in OF_TLS_1_2], "tls_1_3": OF_TLS_1_3}


def test_no_known_weakness_is_found(scanned):
    result, _ = scanned
    assert not any(result["weak"].values()), result["weak"]
    assert all(result["strong"].values()), result["strong"]
