"""Fuzz one target: python -m tests.fuzz.one TARGET FOLDER... [-options of libFuzzer]."""

import sys

import atheris

with atheris.instrument_imports(include=["forest_serving"]):
    from tests.fuzz.targets import TARGETS, services

if __name__ == "__main__":
    target = TARGETS[sys.argv.pop(1)]
    services()
    atheris.Setup(sys.argv, target)
    atheris.Fuzz()
