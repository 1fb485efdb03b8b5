"""What curl sends with the commands of others' documentation."""

import json
import subprocess

import pytest


@pytest.mark.parametrize(("n_rows", "answer"), [(1, [0]), (10_000, [0] * 10_000)])
def test_torchserves_curl_with_a_file_is_answered(served_url, tmp_path, n_rows, answer):
    """-T sends a PUT without Content-Type."""
    file = tmp_path / "rows.json"
    file.write_text(json.dumps([[5.1, 3.5, 1.4, 0.2]] * n_rows))
    command = ["curl", "--silent", "--max-time", "10", f"{served_url}/predictions/iris", "-T", file]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    assert json.loads(done.stdout) == answer
