"""What is left out of the image's shared libraries is not needed to load them."""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import uvloop

from tests.support.servers import ROOT

SCRIPT = ROOT / "deploy" / "image" / "strip_libraries.py"
SPEC = importlib.util.spec_from_file_location("strip_libraries", SCRIPT)
strip_libraries = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(strip_libraries)


@pytest.mark.skipif(sys.platform != "linux", reason="the libraries here are no ELF files")
def test_a_package_s_libraries_get_shorter_and_do_what_they_did(tmp_path):
    package = Path(uvloop.__file__).parent
    shutil.copytree(package, tmp_path / "uvloop")
    subprocess.run([sys.executable, SCRIPT, tmp_path], check=True, timeout=60)
    (before,), (after,) = (list(folder.glob("loop*.so")) for folder in (package, tmp_path / "uvloop"))
    assert after.stat().st_size < before.stat().st_size
    script = "import asyncio, uvloop; print(uvloop.__file__); uvloop.run(asyncio.sleep(0))"
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.stdout.strip(), done.stderr) == (str(tmp_path / "uvloop" / "__init__.py"), "")


@pytest.mark.parametrize("content", [b"", b"\x7fELF", b"INPUT(libc.so.6)", b"\x7fELF\x01\x01" + b"\0" * 60])
def test_what_is_no_library_of_64_bits_stays_as_it_is(content):
    assert strip_libraries.stripped(content) == content
