"""make kernel: what the package carries is what its source gives, and needs nothing of the machine it runs on."""

import os
import platform
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from forest_serving.kernel import library as kernel
from tests.fuzz.__main__ import sanitizing
from tests.support.clients import python_in
from tests.support.kernels import LIBRARIES
from tests.support.servers import ROOT

SOURCES = {file.name: file.read_text() for file in (ROOT / "forest_serving" / "kernel").glob("*.c")}
# How a file for each kind of machine begins: in ELF the machine is number 18 and 19, in Mach-O it is number 4 to 7.
ELF, MACH_O = (b"\x7fELF\x02\x01", 18, 20), (b"\xcf\xfa\xed\xfe", 4, 8)
MACHINES = {
    "kernel-linux-x86_64.so": (*ELF, 62),
    "kernel-linux-aarch64.so": (*ELF, 183),
    "kernel-darwin-x86_64.dylib": (*MACH_O, 0x1000007),
    "kernel-darwin-aarch64.dylib": (*MACH_O, 0x100000C),
}

CHECK_SEEDS = """
import sys
from pathlib import Path
from forest_serving.kernel import library as kernel
from tests.support.both_ways import check_kernel

kernel.FOLDER = Path(sys.argv[1])
for seed in sys.argv[2:]:
    check_kernel(Path(seed).read_bytes())
"""


def build(*options):
    """Do what "make kernel" does; return what ended."""
    command = [python_in("kernel"), "-m", "tools.build_kernel", *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)


def edited(right, wrong, folder):
    """Write the sources to a folder, something in them replaced; return the folder."""
    assert any(right in source for source in SOURCES.values())
    for name, source in SOURCES.items():
        (folder / name).write_text(source.replace(right, wrong))
    return folder


def refused(right, wrong, folder):
    """Return what the compiler says of the sources after something was replaced."""
    done = build("--source", edited(right, wrong, folder), "--into", folder / "libraries")
    assert done.returncode == 1
    return done.stderr


def test_the_libraries_are_to_the_byte_what_the_source_gives(tmp_path):
    done = build("--into", tmp_path)
    assert done.returncode == 0, done.stderr
    built = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert {file.name: file.read_bytes() for file in kernel.FOLDER.iterdir()} == built


@pytest.mark.parametrize("name", sorted(LIBRARIES))
def test_each_library_is_for_the_machine_that_its_name_says(name):
    begin, first, last, machine = MACHINES[name]
    library = (kernel.FOLDER / name).read_bytes()
    assert library.startswith(begin)
    assert int.from_bytes(library[first:last], "little") == machine


@pytest.mark.parametrize("system", ["linux", "darwin"])
@pytest.mark.parametrize("machine", ["x86_64", "AMD64", "aarch64", "arm64"])
def test_every_linux_and_every_mac_has_one(system, machine):
    assert kernel.library_name(system, machine) in LIBRARIES


@pytest.mark.parametrize("name", sorted(name for name in LIBRARIES if name.endswith(".so")))
def test_a_library_for_linux_needs_no_other_so_that_any_c_library_will_do(name):
    assert 1 not in dynamic_tags((kernel.FOLDER / name).read_bytes())  # DT_NEEDED


def dynamic_tags(elf):
    """Return the tags of a 64-bit ELF file's dynamic section."""
    (table,), (n_headers,) = struct.unpack_from("<Q", elf, 32), struct.unpack_from("<H", elf, 56)
    headers = [struct.unpack_from("<IIQQQQ", elf, table + 56 * i) for i in range(n_headers)]
    ((start, size),) = ((offset, size) for kind, _, offset, _, _, size in headers if kind == 2)  # PT_DYNAMIC
    return [struct.unpack_from("<Q", elf, place)[0] for place in range(start, start + size, 16)]


def test_a_call_of_a_c_library_s_function_ends_the_build(tmp_path):
    called = "{ extern double exp(double); sums[i] = exp(sums[i] / f->divisor); }"
    assert "exp" in refused("sums[i] /= f->divisor;", called, tmp_path)


def test_a_number_that_silently_loses_bits_ends_the_build(tmp_path):
    assert "implicit conversion loses integer precision" in refused("? (uint16_t)rank", "? rank", tmp_path)


@pytest.mark.skipif((sys.platform, platform.machine()) != ("linux", "x86_64"), reason="atheris is not to be had here")
@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("n_rows - row < LANES ? n_rows - row : LANES", "LANES", "heap-buffer-overflow"),
        ("step < last ? step : last", "step + last * 1e300", "outside the range of representable values"),
        ("at < end && is_digit(*at)", "at <= end && is_digit(*at)", "heap-buffer-overflow"),
    ],
    ids=["beyond an array", "undefined", "beyond a text"],
)
def test_the_fuzzers_kernel_ends_where_c_forbids_what_it_does(right, wrong, said, tmp_path):
    """The fuzzer's seeds are enough to see it."""
    built = build("--sanitized", "--source", edited(right, wrong, tmp_path), "--into", tmp_path)
    assert built.returncode == 0, built.stderr
    python, seeds = python_in("fuzz"), (ROOT / "tests" / "fuzz" / "corpus" / "kernel").iterdir()
    (runtime,) = Path(python).parents[1].glob("lib/*/site-packages/asan_with_fuzzer.so")
    environ = os.environ | sanitizing(tmp_path, runtime)
    done = subprocess.run(
        [python, "-c", CHECK_SEEDS, tmp_path, *seeds],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode != 0
    assert said in done.stderr
