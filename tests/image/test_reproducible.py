"""Two builds of one commit and one model give the same files."""

import json
import subprocess

import pytest

from tests.image.conftest import make_image
from tests.support.servers import copy_of_store

# Prints {path: [mode, owner, group, size, content or target, time]} of what make image puts on the base image.
# Of folders, not the time: the engine sets it where it copies to, and no program reads it.
MANIFEST = """
import hashlib, json, os, pathlib, stat, sys
found = {}
for path in [path for top in ("/app", "/home/bentoml") for path in (pathlib.Path(top), *pathlib.Path(top).rglob("*"))]:
    told = path.lstat()
    content = hashlib.sha256(path.read_bytes()).hexdigest() if stat.S_ISREG(told.st_mode) else ""
    target = os.readlink(path) if path.is_symlink() else ""
    of_files = [] if stat.S_ISDIR(told.st_mode) else [told.st_size, told.st_mtime]
    found[str(path)] = [told.st_mode, told.st_uid, told.st_gid, content, target, *of_files]
json.dump(found, sys.stdout)
"""


def manifest(engine, image):
    """Return what is known of each file that make image puts on the base image."""
    python = ("--rm", "--network", "none", "--user", "0", "--entrypoint", "python", image, "-c", MANIFEST)
    return json.loads(engine.run("run", *python, timeout_s=120))


@pytest.fixture(scope="module")
def other(engine, made, bentoml_home, tmp_path_factory):
    """Return what make image leaves in another clone: another folder, time, umask, time zone and language.

    The engine cannot answer from its cache: files of another mode are other files to it.
    """
    folder, home = tmp_path_factory.mktemp("clones") / "another clone", tmp_path_factory.mktemp("home")
    subprocess.run(["git", "clone", "--quiet", made.folder, folder], umask=0o077, check=True, timeout=60)
    store = copy_of_store(bentoml_home, home)
    other = make_image(engine, folder, store, umask=0o077, TZ="Pacific/Apia", LC_ALL="C", PYTHONHASHSEED="7")
    yield other
    engine.attempt("rmi", "--force", other.image)


def test_every_file_is_the_same(engine, made, other):
    """Names, modes, owners, times and contents; compiled modules, and when the Bento was built, too."""
    first, second = manifest(engine, made.image), manifest(engine, other.image)
    assert len(first) > 5000
    assert {
        path: (first.get(path), second.get(path)) for path in first | second if first.get(path) != second.get(path)
    } == {}


def test_the_bill_of_materials_is_the_same(made, other):
    assert made.bill.read_text() == other.bill.read_text()
