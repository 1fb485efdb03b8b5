"""The pages of the reference that are made from code."""

import pytest

from forest_serving.errors import OperatorError, RequestError
from tools import reference


def test_every_error_is_on_its_page_with_its_status():
    page = reference.errors()
    for kind in RequestError.__subclasses__():
        assert f"| `{kind.__name__}` | {kind.status} | {kind.__doc__} |" in page
    for kind in OperatorError.__subclasses__():
        assert f"| `{kind.__name__}` | {kind.__doc__} |" in page


@pytest.mark.parametrize(
    "line",
    [
        "| `forest_request_rows` | histogram |  |",
        "| `forest_predictions_total` | counter | `class` |",
        "| `bentoml_service_request_in_progress` | gauge | `runner_name`, `service_name`, `service_version` |",
    ],
)
def test_a_metric_is_on_its_page_under_the_name_that_one_queries(line):
    assert line in reference.metrics()


@pytest.mark.parametrize("page", list(reference.PAGES))
def test_a_page_is_printed(page, capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["reference", page])
    assert reference.main() == 0
    assert len(capsys.readouterr().out.splitlines()) > 5


def test_the_help_of_a_command_is_on_its_page():
    page = reference.commands()
    assert "## `python train_and_save.py`\n\n```text\nusage: train_and_save.py" in page
    assert "## `python -m forest_serving settings`\n\n```text\nusage: python -m forest_serving settings" in page
