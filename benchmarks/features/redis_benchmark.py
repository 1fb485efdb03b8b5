"""What Redis itself gives: redis-benchmark, with MGET of 100 keys over 32 connections."""

import subprocess
from urllib.parse import urlsplit

from benchmarks.features.stores import PREFIX, program

CONNECTIONS, N_KEYS, GUESS_RPS, SPARE_S = 32, 100, 20_000, 60


def keys_per_second(url: str, ids: list[str], seconds: float) -> float:
    """Return how many keys redis-benchmark gets in a second, in about so many seconds."""
    keys = [f"{PREFIX}{id}" for id in ids[:N_KEYS]]
    where = ["-h", "127.0.0.1", "-p", str(urlsplit(url).port)]
    how = ["-c", str(CONNECTIONS), "-n", str(int(GUESS_RPS * seconds)), "--csv"]
    command = [program("redis-benchmark", "redis-tools"), *where, *how, "MGET", *keys]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + SPARE_S, check=True)
    return requests_per_second(done.stdout) * N_KEYS


def requests_per_second(output: str) -> float:
    """Return what redis-benchmark's last line of CSV says; the first is a head, in newer versions."""
    return float(output.strip().splitlines()[-1].split('","')[1].strip('"'))
