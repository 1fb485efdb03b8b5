"""How files of the log are called: by model, time and worker, so that their names stand in the order of their time."""

import os
import re
from datetime import UTC, datetime
from secrets import token_hex

FOLDER_MODE, FILE_MODE = 0o700, 0o600
is_ours = re.compile(r"[a-z0-9_-]+-\d{8}T\d{6}\.\d{6}Z-\d+-[0-9a-f]{8}\.jsonl").fullmatch


def new_name(model: str) -> str:
    """Return a name that no other file has, for this worker's next file of a model's predictions."""
    now = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    return f"{model}-{now}-{os.getpid()}-{token_hex(4)}.jsonl"
