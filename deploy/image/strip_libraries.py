"""Leave out of shared libraries what nothing loads: symbols and debug information, half of some packages' size.

    strip_libraries.py FOLDER

What is loaded stands first in an ELF file, as its program headers say; sections come after it, and their table last. As
sstrip does, the file is cut off there, and its header says that it has no sections. No base image has a strip.
"""

import struct
import sys
from pathlib import Path

HEADER = struct.Struct("<16sHHIQQQIHHHHHH")  # of a 64-bit file
SEGMENT = struct.Struct("<IIQQQQQQ")


def stripped(content: bytes) -> bytes:
    """Return a library without sections; other files as they are."""
    if content[:6] != b"\x7fELF\x02\x01":  # 64 bits, little-endian
        return content
    fields = list(HEADER.unpack_from(content))
    begin, n_bytes, n_segments = fields[5], fields[9], fields[10]
    segments = [SEGMENT.unpack_from(content, begin + n_bytes * i) for i in range(n_segments)]
    end = max(begin + n_bytes * n_segments, *(offset + size for _, _, offset, _, _, size, _, _ in segments))
    fields[6] = fields[12] = fields[13] = 0  # where the table of sections is, how many there are, which has their names
    return HEADER.pack(*fields) + content[HEADER.size : end]


def main(folder: Path) -> None:
    """Strip all libraries below a folder."""
    for file in folder.rglob("*.so*"):
        if file.is_file() and not file.is_symlink():
            content = file.read_bytes()
            if len(short := stripped(content)) < len(content):
                file.write_bytes(short)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
