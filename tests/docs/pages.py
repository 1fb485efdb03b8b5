"""The pages that people read, and the code blocks on them.

A block of bash or python is run by tests/docs/test_blocks.py, unless a comment above it says otherwise:

    <!-- not run: the reason -->
    <!-- run by: a test, or a page on which the same lines are run; several with commas -->
"""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    ROOT / "SECURITY.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    ROOT / "benchmarks" / "README.md",
]
RUNNABLE = ("bash", "python")
FENCE = re.compile(r"(?:^<!-- (not run|run by): ([^>]*) -->\n)?^```(\S*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


class Block(NamedTuple):
    """A fenced block of code.

    Attributes:
        place: its page and line, as in "docs/tutorial.md:20".
        language: what stands after the fence's three backticks; empty if nothing does.
        text: its lines.
        marker: "not run", "run by", or None.
        note: what stands after the marker.
    """

    place: str
    language: str
    text: str
    marker: str | None
    note: str | None

    @property
    def is_run(self) -> bool:
        """Whether test_blocks.py runs it."""
        return self.language in RUNNABLE and self.marker is None


def name(page):
    """Return a page's path below the project's folder."""
    return page.relative_to(ROOT).as_posix()


def blocks(page):
    """Return a page's code blocks, in order."""
    text = page.read_text()
    return [
        Block(f"{name(page)}:{text.count(chr(10), 0, found.start(3)) + 1}", found[3], found[4], found[1], found[2])
        for found in FENCE.finditer(text)
    ]


def prose(page):
    """Return a page's text without its code blocks."""
    return FENCE.sub("", page.read_text())


def steps(block):
    """Return a bash block's commands, each with the output that a comment below it promises, or None.

    A comment line that begins with "# " is the output of the command above it; a backslash continues a line.
    """
    found = []
    for line in block.text.replace("\\\n", " ").splitlines():
        if line.startswith("# "):
            found[-1] = (found[-1][0], line.removeprefix("# "))
        elif line.strip():
            found.append((line, None))
    return found


def commands(block):
    """Return a bash block's commands without remarks, or a python block's lines."""
    if block.language == "python":
        return [line.partition("  # ")[0].rstrip() for line in block.text.splitlines() if line.strip()]
    return [re.sub(r"\s+# .*", "", command).strip() for command, _ in steps(block)]
