"""Environment variables."""

from dataclasses import fields, replace

import pytest

from forest_serving import settings_command
from forest_serving.errors import BadSetting
from forest_serving.settings import SETTINGS, Settings, read_settings

KEYS = {"FOREST_API_KEYS", "FOREST_API_KEYS_FILE"}


def test_without_variables_the_defaults_hold():
    assert read_settings({}) == Settings()


def test_each_field_is_set_by_a_variable_of_its_own():
    assert len({setting.variable for setting in SETTINGS}) == len(fields(Settings))


@pytest.mark.parametrize(
    ("variable", "text", "field", "value"),
    [
        ("FOREST_MODEL", "wine_compiled:v1", "model", "wine_compiled:v1"),
        ("FOREST_MODEL", "wine", "model", "wine"),
        ("FOREST_MAX_BODY_BYTES", "1000", "max_body_bytes", 1000),
        ("FOREST_MAX_ROWS", "7", "max_rows", 7),
        ("FOREST_BODY_TIMEOUT_S", "0.5", "body_timeout_s", 0.5),
        ("FOREST_MAX_UPLOADS", "2", "max_uploads", 2),
        ("FOREST_MAX_UPLOADS_PER_KEY", "1", "max_uploads_per_key", 1),
        ("FOREST_MAX_BUFFERED_BYTES", "5000", "max_buffered_bytes", 5000),
        ("FOREST_DRAIN_S", "0", "drain_s", 0.0),
        ("FOREST_API_KEYS", "one, two", "api_keys", ("one", "two")),
        ("FOREST_DOCS_OPEN", "false", "docs_open", False),
        ("FOREST_METRICS_OPEN", "True", "metrics_open", True),
        (
            "FOREST_CORS_ORIGINS",
            "https://a.example/, http://b:8000",
            "cors_origins",
            ("https://a.example", "http://b:8000"),
        ),
        ("FOREST_CORS_ORIGINS", "*", "cors_origins", ("*",)),
        ("FOREST_ACCESS_LOG", "true", "access_log", True),
        ("FOREST_PREDICTION_LOG", "/var/log/predictions", "prediction_log", "/var/log/predictions"),
        ("FOREST_PREDICTION_LOG", "otlp", "prediction_log", "otlp"),
        ("FOREST_PREDICTION_LOG_SAMPLE", "0.01", "prediction_log_sample", 0.01),
        ("FOREST_PREDICTION_LOG_SAMPLE", "1e-3", "prediction_log_sample", 0.001),
        ("FOREST_PREDICTION_LOG_WITHOUT", "age, name", "prediction_log_without", ("age", "name")),
        ("FOREST_PREDICTION_LOG_BYTES", "10000000", "prediction_log_bytes", 10_000_000),
        ("FOREST_SLOW_REQUEST_S", "0.1", "slow_request_s", 0.1),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318", "otlp_endpoint", "http://collector:4318"),
        ("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "http://c:4318/v1/logs", "otlp_logs_endpoint", "http://c:4318/v1/logs"),
        ("FOREST_MAX_TENSOR_ROWS", "50", "max_tensor_rows", 50),
        ("AIP_HEALTH_ROUTE", "/health", "vertex_health_route", "/health"),
        ("AIP_PREDICT_ROUTE", "/v1/predict", "vertex_predict_route", "/v1/predict"),
        ("AIP_ENDPOINT_ID", "123", "vertex_endpoint_id", "123"),
        ("AIP_DEPLOYED_MODEL_ID", "456", "vertex_deployed_model_id", "456"),
        ("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", "text/csv", "sagemaker_accept", "text/csv"),
    ],
)
def test_a_variable_is_read_into_its_field(variable, text, field, value):
    assert read_settings({variable: text}) == replace(Settings(), **{field: value})


@pytest.mark.parametrize("variable", sorted({setting.variable for setting in SETTINGS} - KEYS))
def test_an_empty_text_is_as_none(variable):
    assert read_settings({variable: ""}) == Settings()


@pytest.mark.parametrize("variables", [("FOREST_API_KEYS",), ("FOREST_API_KEYS_FILE",), sorted(KEYS)])
def test_keys_that_are_set_but_empty_are_not_taken_for_no_keys(variables):
    """A secret that is not there leaves its variable empty, and the server must not be open to everybody then."""
    with pytest.raises(BadSetting, match=f"^{' and '.join(variables)} must not be empty"):
        read_settings(dict.fromkeys(variables, ""))


@pytest.mark.parametrize("text", [" ", "\t", "\n", ",", " , "])
def test_keys_of_nothing_but_spaces_are_refused(text):
    with pytest.raises(BadSetting, match="FOREST_API_KEYS must be a list of keys"):
        read_settings({"FOREST_API_KEYS": text})


def test_keys_may_all_come_from_the_file_or_none(tmp_path):
    file = tmp_path / "keys"
    file.write_text("one")
    assert read_settings({"FOREST_API_KEYS": "", "FOREST_API_KEYS_FILE": str(file)}).api_keys_in_file == ("one",)
    assert read_settings({"FOREST_API_KEYS": "two", "FOREST_API_KEYS_FILE": ""}).api_keys == ("two",)


def test_keys_are_read_from_a_file(tmp_path):
    file = tmp_path / "keys"
    file.write_text("# who asks\none\n\n  two  \n")
    assert read_settings({"FOREST_API_KEYS_FILE": str(file)}).api_keys_in_file == ("one", "two")


@pytest.mark.parametrize("content", [None, "", "# nobody yet\n", "b\xe9b\xe9\n", "two words\n"])
def test_a_file_without_keys_is_refused_rather_than_taken_as_no_lock_at_all(tmp_path, content):
    file = tmp_path / "keys"
    if content is not None:
        file.write_text(content, encoding="latin-1")
    with pytest.raises(BadSetting, match="FOREST_API_KEYS_FILE must be a file"):
        read_settings({"FOREST_API_KEYS_FILE": str(file)})


def test_a_wrong_key_is_not_shown():
    with pytest.raises(BadSetting, match="FOREST_API_KEYS must be") as refused:
        read_settings({"FOREST_API_KEYS": "hidden, two words"})
    assert "hidden" not in str(refused.value)


@pytest.mark.parametrize(
    ("variable", "text"),
    [("FOREST_MODEL", t) for t in (" ", ":v1", "a:b:c", "a b")]
    + [("FOREST_MAX_BODY_BYTES", t) for t in ("0", "-1", "1.5", "1e6", "many", "²", "999")]
    + [("FOREST_BODY_TIMEOUT_S", t) for t in ("0", "-1", "inf", "nan", "soon")]
    + [("FOREST_DRAIN_S", t) for t in ("-1", "26", "inf", "soon")]
    + [("FOREST_API_KEYS", t) for t in (",", "one,", "two words", "\u00e9")]
    + [("FOREST_ACCESS_LOG", t) for t in ("1", "yes")]
    + [("FOREST_PREDICTION_LOG", t) for t in ("s3://bucket/log", " ")]
    + [("FOREST_PREDICTION_LOG_SAMPLE", t) for t in ("0", "1.01", "1%", "-0.5", "nan", "1_0")]
    + [("FOREST_PREDICTION_LOG_WITHOUT", t) for t in (",", "age,", " ")]
    + [("FOREST_PREDICTION_LOG_BYTES", t) for t in ("9999999", "1e9", "many")]
    + [("FOREST_CORS_ORIGINS", t) for t in ("a.example", "*, https://a.example", "https://*.a.example", ",")]
    + [("AIP_PREDICT_ROUTE", t) for t in ("predict", "/a b", "/a?b", "https://a.example/")]
    + [("AIP_ENDPOINT_ID", t) for t in ("a/b", "a b")]
    + [("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", t) for t in ("text/html", "*/*")]
    + [("OTEL_EXPORTER_OTLP_ENDPOINT", t) for t in ("collector:4318", "http://")],
)
def test_a_wrong_value_is_refused_by_name(variable, text):
    with pytest.raises(BadSetting, match=f"{variable} must be "):
        read_settings({variable: text})


@pytest.mark.parametrize("text", ["x", ""])
@pytest.mark.parametrize(
    ("variable", "nearest"),
    [
        ("FOREST_MAX_ROW", "FOREST_MAX_ROWS"),
        ("FOREST_API_KEY", "FOREST_API_KEYS"),
        ("FOREST_KEYS", "FOREST_API_KEYS"),
        ("FOREST_API_KEYS_PORT", "FOREST_API_KEYS"),
        ("FOREST_DRAIN", "FOREST_DRAIN_S"),
        ("FOREST_", "FOREST_UI"),
    ],
)
def test_a_mistyped_variable_is_not_ignored(variable, nearest, text):
    """A typed FOREST_API_KEY would otherwise leave the server open to everybody."""
    sentence = rf'^There is no setting {variable} \(did you mean {nearest}\?\); "python -m forest_serving settings"'
    with pytest.raises(BadSetting, match=sentence):
        read_settings({variable: text})


@pytest.mark.parametrize("service", ["FOREST", "FOREST_API", "FOREST_2", "FOREST_API_KEYS"])
@pytest.mark.parametrize(
    ("ending", "text"),
    [
        ("SERVICE_HOST", "10.0.0.1"),
        ("SERVICE_HOST", "fd00::1"),
        ("SERVICE_PORT", "80"),
        ("SERVICE_PORT_HTTP", "80"),
        ("SERVICE_PORT_WEB_2", "80"),
        ("PORT", "tcp://10.0.0.1:80"),
        ("PORT", "tcp://[fd00::1]:80"),
        ("PORT_80_TCP", "tcp://10.0.0.1:80"),
        ("PORT_80_TCP_PROTO", "tcp"),
        ("PORT_80_TCP_PORT", "80"),
        ("PORT_80_TCP_ADDR", "10.0.0.1"),
        ("PORT_53_UDP", "udp://10.0.0.1:53"),
        ("PORT_53_UDP_PROTO", "udp"),
        ("PORT_9_SCTP_PORT", "9"),
    ],
)
def test_what_kubernetes_sets_for_a_service_is_ignored(service, ending, text):
    """It tells pods of a Service named "forest" in variables that begin with FOREST_ (kubelet's envvars.go)."""
    assert read_settings({f"{service}_{ending}": text}) == Settings()


@pytest.mark.parametrize(
    ("variable", "text"),
    [("FOREST_API_KEYS_PORT", "secret"), ("FOREST_SERVICE_HOST", "secret"), ("FOREST_PORT", "3000")],
)
def test_what_only_looks_like_kubernetes_is_not(variable, text):
    with pytest.raises(BadSetting, match=f"There is no setting {variable}"):
        read_settings({variable: text})


def test_other_programs_variables_are_ignored():
    assert read_settings({"OTHER_MAX_ROWS": "x", "FORESTRY": "x"}) == Settings()


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.variable)
def test_the_documentation_s_table_has_a_line_for_each_setting(setting):
    (line,) = (row for row in settings_command.documented().splitlines() if f"`{setting.variable}`" in row)
    default = settings_command.shown(setting.default, "`")
    assert line == f"| `{setting.variable}` | {default} | {setting.unit} | {setting.help} |"


def test_the_command_shows_what_is_set_but_no_secret(monkeypatch, capsys):
    monkeypatch.setenv("FOREST_MAX_ROWS", "7")
    monkeypatch.setenv("FOREST_API_KEYS", "opensesame")
    settings_command.main([])
    lines = {line.split()[0]: line.split() for line in capsys.readouterr().out.splitlines()}
    assert lines["FOREST_MAX_ROWS"][1:3] == ["10000", "7"]
    assert lines["FOREST_API_KEYS"][1:3] == ["none", "(hidden)"]


def test_the_command_lists_all_before_it_refuses_one(monkeypatch, capsys):
    monkeypatch.setenv("FOREST_MAX_ROWS", "many")
    with pytest.raises(BadSetting, match="FOREST_MAX_ROWS must be"):
        settings_command.main([])
    assert len(capsys.readouterr().out.splitlines()) == len(SETTINGS) + 1
