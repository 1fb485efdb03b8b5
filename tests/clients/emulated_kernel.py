"""Run a kernel's library, whatever machine it is for, in an emulated processor that shares this process's memory.

    python -m tests.clients.emulated_kernel LIBRARY

Checks it as both_ways.py, rows_both_ways.py and explained_both_ways.py in tests/support say, and prints how many
forests, tables and lists that were, and how many forests and tables were explained.
"""

import ctypes
import json
import struct
import sys
from pathlib import Path

import numpy as np
from unicorn import UC_ARCH_ARM64, UC_ARCH_X86, UC_MODE_64, UC_MODE_ARM, UC_PROT_READ, UC_PROT_WRITE, Uc
from unicorn import arm64_const as arm
from unicorn import x86_const as x86

from forest_serving.kernel import bounds, texts
from forest_serving.kernel.library import Kernel
from tests.support import both_ways, explained_both_ways, rows_both_ways

CODE, STACK, END, STACK_BYTES = 0x10000000, 0x7000000, 0x6000000, 0x800000  # below whatever a process maps
ARGUMENTS_ARM = [getattr(arm, f"UC_ARM64_REG_X{i}") for i in range(8)]
ARGUMENTS_X86 = [getattr(x86, f"UC_X86_REG_{name}") for name in ("RDI", "RSI", "RDX", "RCX", "R8", "R9")]
KINDS = {  # of results
    **dict.fromkeys(("read_rows", "write_texts"), ctypes.c_int64),
    **dict.fromkeys(("read_records", "are_within"), ctypes.c_int32),
}
SEEDS = range(30)


class Emulated:
    """A library in an emulated processor, which is a new one for each call."""

    def __init__(self, library, is_arm):
        self.image, self.places = of_elf(library) if library.startswith(b"\x7fELF") else of_mach_o(library)
        self.is_arm = is_arm

    def call(self, name, *arguments):
        """Call a function as compilers for Linux and macOS do."""
        cpu = Uc(UC_ARCH_ARM64, UC_MODE_ARM) if self.is_arm else Uc(UC_ARCH_X86, UC_MODE_64)
        cpu.mem_map(CODE, -(-len(self.image) // 4096) * 4096)
        cpu.mem_write(CODE, self.image)
        cpu.mem_map(STACK, STACK_BYTES)
        cpu.mem_map(END, 4096)
        share_memory(cpu)
        registers, top = ARGUMENTS_ARM if self.is_arm else ARGUMENTS_X86, STACK + STACK_BYTES - 4096
        for register, argument in zip(registers, arguments, strict=False):
            cpu.reg_write(register, address(argument))
        for place, argument in enumerate(arguments[len(registers) :]):
            cpu.mem_write(top + 8 * place, struct.pack("<Q", address(argument)))
        if self.is_arm:
            cpu.reg_write(arm.UC_ARM64_REG_CPACR_EL1, 3 << 20)  # lets it compute with doubles
            cpu.reg_write(arm.UC_ARM64_REG_SP, top)
            cpu.reg_write(arm.UC_ARM64_REG_LR, END)
        else:
            cpu.mem_write(top - 8, struct.pack("<Q", END))
            cpu.reg_write(x86.UC_X86_REG_RSP, top - 8)
        cpu.emu_start(CODE + self.places[name], END)
        result = cpu.reg_read(arm.UC_ARM64_REG_X0 if self.is_arm else x86.UC_X86_REG_RAX)
        return KINDS[name](result).value if name in KINDS else None


def share_memory(cpu):
    """Let a processor see this process's memory, at the same addresses."""
    for line in Path("/proc/self/maps").read_text().splitlines():
        span, rights = line.split()[:2]
        begin, end = (int(number, 16) for number in span.split("-"))
        if rights[0] == "r" and "[v" not in line:
            cpu.mem_map_ptr(begin, end - begin, UC_PROT_READ | (UC_PROT_WRITE if rights[1] == "w" else 0), begin)


def address(argument):
    """Return what ctypes would pass."""
    if isinstance(argument, bytes):
        return ctypes.cast(ctypes.c_char_p(argument), ctypes.c_void_p).value
    return argument if isinstance(argument, int) else ctypes.addressof(argument)


def of_elf(library):
    """Return the memory of a library for Linux, and where each function is in it."""
    (table,), (n_headers,) = struct.unpack_from("<Q", library, 32), struct.unpack_from("<H", library, 56)
    headers = [struct.unpack_from("<IIQQQQQ", library, table + 56 * i) for i in range(n_headers)]
    image = bytearray(max(start + size for kind, _, _, start, _, _, size in headers if kind == 1))
    for kind, _, offset, start, _, n_bytes, _ in headers:
        if kind == 1:  # PT_LOAD
            image[start : start + n_bytes] = library[offset : offset + n_bytes]
    (start, size) = next((header[3], header[6]) for header in headers if header[0] == 2)  # PT_DYNAMIC
    tags = dict(struct.unpack_from("<QQ", image, place) for place in range(start, start + size, 16))
    texts, symbols, hashes = tags[5], tags[6], tags[4]
    (n,) = struct.unpack_from("<I", image, hashes + 4)  # how many symbols the table of hashes is about
    entries = [struct.unpack_from("<IIQ", image, symbols + 24 * i) for i in range(n)]
    for table, n_bytes in ((7, 8), (23, 2)):  # DT_RELA, DT_JMPREL
        if table in tags:
            bind(image, range(tags[table], tags[table] + tags[n_bytes], 24), [value for *_, value in entries])
    return bytes(image), {text(image, texts + name): value for name, _, value in entries}


def bind(image, places, values):
    """Write where the library's own functions are into the table through which they call one another."""
    for place in places:
        at, symbol, addend = struct.unpack_from("<QQq", image, place)
        struct.pack_into("<Q", image, at, CODE + values[symbol >> 32] + addend)


def of_mach_o(library):
    """Return the memory of a library for macOS, and where each function is in it."""
    (n_commands,), at, commands = struct.unpack_from("<I", library, 16), 32, []
    for _ in range(n_commands):
        kind, size = struct.unpack_from("<II", library, at)
        commands.append((kind, at))
        at += size
    segments = [struct.unpack_from("<QQQQ", library, at + 24) for kind, at in commands if kind == 0x19]
    image = bytearray(max(start + size for start, size, _, _ in segments))
    for start, _, offset, n_bytes in segments:
        image[start : start + n_bytes] = library[offset : offset + n_bytes]
    symbols, n, texts = next(struct.unpack_from("<III", library, at + 8) for kind, at in commands if kind == 2)
    entries = [struct.unpack_from("<IIQ", library, symbols + 16 * i) for i in range(n)]
    return bytes(image), {text(library, texts + name).removeprefix("_"): value for name, _, value in entries}


def text(content, place):
    """Return the text that a NUL ends."""
    return bytes(content[place : content.index(0, place)]).decode()


def main(file):
    """Check forests, tables, lists and records, and what is explained."""
    emulated = Emulated(file.read_bytes(), "aarch64" in file.name)
    for user in (both_ways, rows_both_ways, explained_both_ways, bounds, texts):
        user.kernel = lambda: Kernel(*(caller(emulated, name) for name in Kernel._fields))
    contents = [np.random.default_rng(seed).bytes(24) for seed in SEEDS]
    checks = (
        *(both_ways.check_forest, both_ways.check_table, rows_both_ways.check_rows, rows_both_ways.check_records),
        *(explained_both_ways.check_explained, explained_both_ways.check_explained_cells),
    )
    print(json.dumps([sum(map(check, contents)) for check in checks]))


def caller(emulated, name):
    """Return a function of the library."""
    return lambda *arguments: emulated.call(name, *arguments)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
