"""Copies of the project, which tests may edit."""

import shutil

from tests.support.servers import ROOT


def copy_of_project(folder):
    """Return a new folder in this one with what the project is built and served from."""
    copy = folder / "iris"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".*", "__pycache__", "tests"))
    (copy / "tests").mkdir()
    (copy / "tests" / "test_nothing.py").touch()
    return copy
