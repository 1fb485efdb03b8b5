"""Environment variables."""

from pathlib import Path

import pytest

from iris_serving.errors import BadSetting
from iris_serving.settings import SETTINGS, Settings, read_settings

README = (Path(__file__).parent.parent / "README.md").read_text()


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.variable)
def test_the_readme_names_every_setting_with_its_default_and_unit(setting):
    row = next(line for line in README.splitlines() if line.startswith(f"| `{setting.variable}`"))
    assert f"`{setting.default}`" in row
    assert setting.unit in row


def test_without_variables_the_defaults_hold():
    assert read_settings({}) == Settings(*(setting.default for setting in SETTINGS))


def test_variables_are_read():
    environ = {"IRIS_MODEL": "wine_compiled:v1", "IRIS_MAX_BODY_BYTES": "1000", "IRIS_BODY_TIMEOUT_S": "0.5"}
    assert read_settings(environ) == Settings("wine_compiled:v1", 1000, 0.5)


@pytest.mark.parametrize(
    ("variable", "text"),
    [("IRIS_MODEL", t) for t in (" ", ":v1", "a:b:c", "a b")]
    + [("IRIS_MAX_BODY_BYTES", t) for t in ("0", "-1", "1.5", "1e6", "many", "²")]
    + [("IRIS_BODY_TIMEOUT_S", t) for t in ("0", "-1", "inf", "nan", "soon")],
)
def test_a_wrong_value_is_refused_by_name(variable, text):
    with pytest.raises(BadSetting, match=f"{variable} must be a"):
        read_settings({variable: text})
