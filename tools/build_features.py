"""make bento-features: build the Bento of the service Features, unless the newest one has the same content.

It has no model, and of the package neither engines nor training. Its version is a hash of what goes into it.
"""

from typing import Any

import yaml

from forest_serving.command_line import run
from tools.build_bento import Built, hash_of, stored_or_built
from tools.train_if_missing import ROOT

BENTOFILE = "bentofile.features.yaml"
CONTENT = ("features_service.py", "configuration.yaml", BENTOFILE, "requirements.txt", "forest_serving/**/*.*")


def main() -> int:
    """Build if needed; return the exit code."""
    print(f"Next: FOREST_FEATURES=/path bentoml serve {build_if_needed().name}:latest")
    return 0


def build_if_needed() -> Built:
    """Build where that is needed, and return the Bento."""
    told: dict[str, Any] = yaml.safe_load((ROOT / BENTOFILE).read_text())
    return stored_or_built(Built(told["name"], hash_of(told["name"], CONTENT)), told)


if __name__ == "__main__":
    run(main)
