"""Fuzz one target: python -m tests.fuzz.one TARGET FOLDER... [-options of libFuzzer]."""

import os
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["forest_serving"]):
    from forest_serving.kernel import library as kernel
    from tests.fuzz.targets import TARGETS, services

if __name__ == "__main__":
    target = TARGETS[sys.argv.pop(1)]
    if target.asks_services:
        services()
    else:
        kernel.FOLDER = Path(os.environ["SANITIZED_KERNEL"])
        assert kernel.kernel(), f"no kernel in {kernel.FOLDER}"
    atheris.Setup(sys.argv, target)
    atheris.Fuzz()
