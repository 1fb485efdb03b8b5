"""The kernel's libraries, and a package that has others."""

from contextlib import contextmanager

import pytest

from forest_serving.kernel import library as kernel

LIBRARIES = {
    "kernel-darwin-aarch64.dylib",
    "kernel-darwin-x86_64.dylib",
    "kernel-linux-aarch64.so",
    "kernel-linux-x86_64.so",
}


@contextmanager
def libraries_in(folder):
    """Let the package look for its libraries in another folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernel, "FOLDER", folder)
        kernel.kernel.cache_clear()
        yield
    kernel.kernel.cache_clear()
