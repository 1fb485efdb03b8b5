"""Fuzz targets, as many at once as there are processors.

    python -m tests.fuzz [--seconds 10] [--findings DIR] [TARGET...]

What is found is written to the folder of findings, and what atheris said of it to the terminal. Inputs that reached
something new stay in DIR/TARGET; a later run with the same folder goes on from there.
"""

import argparse
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).parent
LIMITS = ["-timeout=60", "-rss_limit_mb=2048"]
DONE = re.compile(r"^Done ([0-9]+) runs in ([0-9]+) second", re.MULTILINE)
NO_WHEEL = "Nothing was fuzzed: atheris has wheels for Linux on x86-64 and Python 3.11 to 3.13 only."


def sanitized_kernel(folder):
    """Build a kernel that ends its process where it does what C forbids; return the variables of such a process."""
    command = [sys.executable, "-m", "tools.build_kernel", "--sanitized", "--into", str(folder)]
    subprocess.run(command, cwd=HERE.parents[1], check=True, stdout=subprocess.DEVNULL)
    return sanitizing(folder, Path(find_spec("atheris").origin).parents[1] / "asan_with_fuzzer.so")


def sanitizing(folder, runtime):
    """Return the variables of a process with a folder's kernel; the runtime, atheris brings it, loads before Python."""
    options = "detect_leaks=0:allocator_may_return_null=1"  # Python keeps what it allocated
    return {"SANITIZED_KERNEL": str(folder), "LD_PRELOAD": str(runtime), "ASAN_OPTIONS": options}


def fuzz(name, target, seconds, findings):
    """Fuzz one target in a process of its own; return whether all was well, and what to say of it."""
    reached = findings / name
    reached.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "tests.fuzz.one", name, str(reached), str(HERE / "corpus" / name), *LIMITS]
    command += [f"-max_len={target.max_bytes}", f"-dict={HERE / 'dictionaries' / target.dictionary}.dict"]
    command += [f"-max_total_time={seconds}", f"-artifact_prefix={findings / name}-"]
    environ = os.environ | ({} if target.asks_services else sanitized_kernel(findings / "sanitized"))
    done = subprocess.run(command, cwd=HERE.parents[1], env=environ, capture_output=True, text=True, errors="replace")
    runs = DONE.search(done.stderr)
    if done.returncode == 0 and runs:
        return True, f"{name}: {int(runs[1]):,} inputs in {runs[2]} s, no finding"
    return False, f"{name}: FOUND, see {findings}/{name}-*\n{done.stdout[-3000:]}{done.stderr[-3000:]}"


def parsed():
    """Return what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.partition(".")[0])
    parser.add_argument("--seconds", type=int, default=10, help="for each target")
    parser.add_argument("--findings", type=Path, default=Path("fuzz-findings"), help="where they are kept")
    parser.add_argument("targets", nargs="*", help="which, if not all")
    return parser.parse_args()


def main():
    """Fuzz the targets asked for; return how many found something."""
    asked = parsed()
    if not find_spec("atheris"):
        print(NO_WHEEL)
        return 0
    from tests.fuzz.targets import TARGETS

    if unknown := set(asked.targets) - set(TARGETS):
        sys.exit(f"There is no target {', '.join(sorted(unknown))}; there are {', '.join(TARGETS)}.")
    n_bad, findings = 0, asked.findings.resolve()
    with ThreadPoolExecutor(os.cpu_count()) as at_once:
        jobs = [at_once.submit(fuzz, n, TARGETS[n], asked.seconds, findings) for n in asked.targets or TARGETS]
        for job in as_completed(jobs):
            is_well, said = job.result()
            n_bad += not is_well
            print(said, flush=True)
    return n_bad


if __name__ == "__main__":
    sys.exit(main())
