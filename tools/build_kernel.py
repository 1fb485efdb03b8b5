"""make kernel: build the native kernel for every platform, with Zig's Clang. Equal sources give equal files.

python -m tools.build_kernel                write the libraries that the package carries
python -m tools.build_kernel --into FOLDER  write them elsewhere (--source FOLDER: of another source)
python -m tools.build_kernel --sanitized --into FOLDER
                                            write one that ends the process where it does what C forbids: "make fuzz"
"""

import argparse
import os
import platform
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

KERNEL = Path(__file__).parents[1] / "forest_serving" / "kernel"
# No C library is named, as none is called: the files for Linux load beside glibc and musl.
TARGETS = {
    "kernel-darwin-aarch64.dylib": "aarch64-macos.11.0",
    "kernel-darwin-x86_64.dylib": "x86_64-macos.11.0",
    "kernel-linux-aarch64.so": "aarch64-linux-none",
    "kernel-linux-x86_64.so": "x86_64-linux-none",
}
WARNINGS = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror"]
# -ffp-contract=off: a product and a sum rounded at once, where a processor can, would be other bits on that processor.
# -z defs: a function that is called and not there ends the build. -ffreestanding: no loop becomes a call of memset.
FLAGS = [
    *["-O3", "-ffp-contract=off", "-ffreestanding", "-fno-sanitize=all", "-fPIC"],
    *["-shared", "-s", "-nostdlib", "-Wl,-z,defs"],
]
# Clang takes "value > boundary ? half : 0" for a jump that can be foretold. It cannot, and half of the time is lost.
ONLY_X86_64 = ["-mllvm", "-x86-cmov-converter=0"]
# What these call is in the fuzzer's process. The library is linked in a step of its own, as Zig would add a runtime of
# its own; and "address" stands last, as Zig forgets what stands beside it.
SANITIZERS = [
    *["-O1", "-g", "-ffp-contract=off", "-fno-omit-frame-pointer", "-fPIC", "-fno-sanitize-recover=all"],
    *["-fno-sanitize-trap=all", "-fsanitize=undefined,float-cast-overflow", "-fsanitize=address"],
    *["-fsanitize-coverage=inline-8bit-counters,pc-table,trace-cmp"],
]


def main() -> int:
    """Do what is asked; return the exit code."""
    parser = argparse.ArgumentParser(prog="make kernel", description=__doc__)
    parser.add_argument("--source", type=Path, default=KERNEL, metavar="FOLDER", help="where the C files are")
    parser.add_argument("--into", type=Path, default=KERNEL / "libraries", metavar="FOLDER", help="where to write")
    parser.add_argument("--sanitized", action="store_true", help="only one for this machine, for the fuzzer")
    parser.add_argument("--cpu", help='only one for this machine, and a processor such as "x86_64_v3" or "native"')
    asked = parser.parse_args()
    asked.into.mkdir(parents=True, exist_ok=True)
    for name in [f"kernel-linux-{platform.machine()}.so"] if asked.sanitized or asked.cpu else TARGETS:
        steps = sanitized(name) if asked.sanitized else plain(name, asked.cpu or "baseline")
        library = compiled(asked.source, name, *steps)
        (asked.into / name).write_bytes(library)
        print(f"{os.path.relpath(asked.into / name)}: {len(library):,} bytes")
    return 0


def plain(name: str, cpu: str) -> list[list[str]]:
    """Return the compiler's words for a library."""
    return [["-target", TARGETS[name], f"-mcpu={cpu}", *WARNINGS, *FLAGS, *(ONLY_X86_64 if "x86_64" in name else ())]]


def sanitized(name: str) -> list[list[str]]:
    """Return the compiler's words, and the linker's, for a sanitized library."""
    target = ["-target", TARGETS[name]]
    return [[*target, *WARNINGS, *SANITIZERS, "-c"], [*target, "-shared", "-nostdlib"]]


def compiled(source: Path, name: str, *steps: list[str]) -> bytes:
    """Return a library of a folder's C files, as one, made in steps that each read what the one before wrote.

    The compiler works in a folder of its own, so that it leaves nothing behind, and no path is in the file.
    """
    with TemporaryDirectory() as folder:
        read = Path(folder, "kernel.c")
        read.write_bytes(b"".join(file.read_bytes() for file in sorted(source.glob("*.c"))))
        for step, words in enumerate(steps, 1):
            written = Path(folder, name if step == len(steps) else "kernel.o")
            run_compiler([*words, "-o", written.name, read.name], folder)
            read = written
        return read.read_bytes()


def run_compiler(words: list[str], folder: str) -> None:
    """Run Zig's Clang in a folder; end with its own words if it refuses the source."""
    environ = os.environ | {"ZIG_GLOBAL_CACHE_DIR": f"{folder}/global", "ZIG_LOCAL_CACHE_DIR": f"{folder}/local"}
    command = [sys.executable, "-m", "ziglang", "cc", *words]
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr.strip())


if __name__ == "__main__":
    sys.exit(main())
