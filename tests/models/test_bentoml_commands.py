"""What is saved here is a model like any other to BentoML's own commands."""

import pytest

from tests.support.faults import MODEL
from tests.support.servers import bentoml
from tests.support.training import python

pytestmark = pytest.mark.once
SAVE = "from tests.support.faults import Saver; saver = Saver(); saver.save(); saver.save()"
LOAD = f"from forest_serving.models import store; print(store.load({MODEL!r}).tag)"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Return a home with two versions of a model."""
    home = tmp_path_factory.mktemp("home")
    python("-c", SAVE, home=home)
    return home


def test_they_list_get_export_import_and_delete_it(home, tmp_path):
    tag = f"{MODEL}:{(home / 'models' / MODEL / 'latest').read_text()}"
    assert tag in bentoml("models", "list", "-o", "json", home=home).stdout
    assert tag.partition(":")[2] in bentoml("models", "get", f"{MODEL}:latest", "-o", "json", home=home).stdout
    assert bentoml("models", "export", tag, str(tmp_path / "x.bentomodel"), home=home).returncode == 0
    assert bentoml("models", "delete", "--yes", tag, home=home).returncode == 0
    assert (
        tag
        not in python(
            "-c", f"from forest_serving.models import store; print(store.read('{MODEL}').tag)", home=home
        ).stdout
    )
    assert bentoml("models", "import", str(tmp_path / "x.bentomodel"), home=home).returncode == 0
    assert (
        tag
        in python("-c", f"from forest_serving.models import store; print(store.load('{MODEL}').tag)", home=home).stdout
    )
