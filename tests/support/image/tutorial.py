"""The image that plain BentoML makes of its tutorial's service, to compare with."""

import contextlib
import shutil
import subprocess
import sys
import uuid

from tests.support.servers import ROOT, environment

TUTORIAL = ROOT / "benchmarks" / "peers" / "bentoml-tutorial"
BENTOFILE = """
service: "service:IrisClassifier"
include: ["service.py"]
python: {requirements_txt: requirements.txt, lock_packages: false}
"""


@contextlib.contextmanager
def make_tutorial_image(engine, folder):
    """Build the image with "bentoml build" and "bentoml containerize" alone, yield its name, and remove it."""
    for name in ("service.py", "requirements.txt"):
        shutil.copy(TUTORIAL / name, folder)
    (folder / "bentofile.yaml").write_text(BENTOFILE)
    tag = f"localhost/iris-test/tutorial:{uuid.uuid4().hex[:12]}"
    containerize = ["containerize", "iris_classifier:latest", "--image-tag", tag, "--backend", engine.client]
    try:
        for command in (["build"], [*containerize, *engine.network]):
            run_bentoml(command, folder, engine)
        yield tag
    finally:
        engine.attempt("rmi", "--force", tag)


def run_bentoml(command, folder, engine):
    """Run a bentoml command with a store of its own; fail with its words if it fails."""
    variables = environment(folder / "home", **engine.environment) | {"BENTOML_HOME": str(folder / "home")}
    (folder / "home").mkdir(exist_ok=True)
    bentoml = [sys.executable, "-m", "bentoml", *command]
    done = subprocess.run(bentoml, cwd=folder, env=variables, capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
