"""Where and with what a run was made."""

import os
import platform
import shutil
import subprocess
from pathlib import Path
from typing import Any

import psutil

from benchmarks.server.install import environment_of
from benchmarks.server.peers import Peer

ASK = "import sys, importlib.metadata as m; print(*(m.version(name) for name in sys.argv[1:]))"


def machine() -> dict[str, Any]:
    """Return the hardware, the system and the programs, by name."""
    return {
        "processor": f"{processor()}, {os.cpu_count()} logical cores",
        "memory": f"{psutil.virtual_memory().total / 1e9:.0f} GB",
        "system": f"{system()}, Linux {platform.release()}" if platform.system() == "Linux" else platform.platform(),
        "python": platform.python_version(),
        "load generator": f"benchmarks/server/generator, {first_words('go', 'version')}",
        "load average before": round(os.getloadavg()[0], 2),
    }


def stolen(before: Any) -> str:
    """Return how much of the processor time since an earlier psutil.cpu_times() went to other virtual machines."""
    after = psutil.cpu_times()
    if not hasattr(after, "steal"):
        return "unknown"
    return f"{(after.steal - before.steal) / max(1e-9, sum(after) - sum(before)):.1%}"


def processor() -> str:
    """Return the processor's name."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def system() -> str:
    """Return the distribution's name."""
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return "an unnamed distribution"


def first_words(program: str, option: str) -> str:
    """Return the first three words that a program says of its version."""
    if not shutil.which(program):
        return f"no {program}"
    done = subprocess.run([program, option], capture_output=True, text=True, timeout=20, check=False)
    return " ".join((done.stdout + done.stderr).split()[:3])


def versions(peer: Peer, prefix: str) -> dict[str, str]:
    """Return the versions of the packages that a peer.toml names."""
    if peer.lock is None:
        return {"go": first_words("go", "version").split()[-1]}
    python = environment_of(peer, prefix) / "bin" / "python"
    command = [str(python), "-c", ASK, *peer.packages]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return dict(zip(peer.packages, done.stdout.split(), strict=True))
