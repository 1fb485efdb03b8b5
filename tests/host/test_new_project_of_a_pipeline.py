"""python -m forest_serving new, for a model with categories and gaps: its own test compares it with the pipeline."""

import subprocess
import sys

from tests.support.servers import ROOT, environment

SAVE = """
import forest_serving
from sklearn.ensemble import HistGradientBoostingRegressor
from tests.support.churn import customers, pipeline, spent

table = customers()
model = pipeline(HistGradientBoostingRegressor(max_iter=3, random_state=0)).fit(table, spent(table))
forest_serving.save("spent", model, table)
"""


def run(*command, home, cwd):
    """Run a program that finds the package, as where it is installed; return what it printed."""
    env = environment(home, PYTHONPATH=str(ROOT))
    done = subprocess.run([sys.executable, *command], cwd=cwd, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_projects_own_test_passes(tmp_path):
    home, work = tmp_path / "home", tmp_path / "work"
    home.mkdir()
    work.mkdir()
    run("-c", SAVE, home=home, cwd=ROOT)
    run("-m", "forest_serving", "new", "spending", "--model", "spent", home=home, cwd=work)
    assert "1 passed" in run("-m", "pytest", "-q", home=home, cwd=work / "spending")
