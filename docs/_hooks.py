"""What MkDocs does to the pages before it renders them, so that nothing on the site is kept by hand twice.

- A line `<!-- generated: … -->` is replaced by what the code says of itself.
- README.md, CHANGELOG.md and the benchmarks' pages become pages of the site.
- Links to files that are not on the site become plain text; on a code host, where the files are, they work.
- `<!-- not run: reason -->` is shown to the reader.
"""

import inspect
import os
import posixpath
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File

ROOT = Path(__file__).resolve().parent.parent
BESIDE = {  # files outside docs/ → where they are on the site
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "SECURITY.md": "threat-model.md",
    "benchmarks/README.md": "benchmarks/method.md",
    "benchmarks/results/server.md": "benchmarks/results.md",
    "benchmarks/results/server.svg": "benchmarks/server.svg",
}
SOURCE = {page: file for file, page in BESIDE.items()}


def on_files(files: Any, config: Any) -> Any:
    """Add the files that do not live under docs/."""
    for file, page in BESIDE.items():
        files.append(File.generated(config, page, abs_src_path=str(ROOT / file)))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Return a page's text as the site shows it."""
    uri = page.file.src_uri
    text = re.sub(r"^<!-- generated: (.*?) -->$", lambda found: generated(*found[1].split()), markdown, flags=re.M)
    text = re.sub(r"^<!-- not run: (.*?) -->$", r"<small>Not run by the tests: \1.</small>\n", text, flags=re.M)
    text = re.sub(r"^<!-- run by: .*? -->$\n", "", text, flags=re.M)
    return re.sub(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)", lambda found: link(uri, *found.groups()), text)


def generated(kind: str, *arguments: str) -> str:
    """Return the markdown of what the code says about itself."""
    if kind == "python":
        return documented(*arguments)
    if kind == "make":
        return make_targets()
    command = [sys.executable, "-m", "tools.reference", kind]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode or not done.stdout.strip():
        raise SystemExit(f"python -m tools.reference {kind} failed: {done.stderr.strip()}")
    return done.stdout


def documented(name: str) -> str:
    """Return the signature and the docstring of something public, as in "forest_serving.save"."""
    sys.path.insert(0, str(ROOT))
    module, _, attribute = name.rpartition(".")
    thing = getattr(import_module(module), attribute)
    return f"```text\n{attribute}{inspect.signature(thing)}\n```\n\n```text\n{inspect.getdoc(thing)}\n```"


def make_targets() -> str:
    """Return the table of what make can do."""
    targets = re.findall(r"^([a-z-]+):.*?## (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    rows = [f"| `make {target}` | {words.replace('|', '/')} |" for target, words in targets]
    return "\n".join(["| command | does |", "|---|---|", *rows])


def link(uri: str, image: str, text: str, target: str) -> str:
    """Return a link of a page, given by its place on the site, as it must be there."""
    path, hash_sign, anchor = target.partition("#")
    if not path or re.match(r"[a-z]+:", path):
        return f"{image}[{text}]({target})"
    here = SOURCE.get(uri, f"docs/{uri}")
    file = posixpath.normpath(posixpath.join(posixpath.dirname(here), path))
    on_site = BESIDE.get(file) or (file.removeprefix("docs/") if file.startswith("docs/") else "")
    if not on_site:
        return text
    return f"{image}[{text}]({posixpath.relpath(on_site, posixpath.dirname(uri) or '.')}{hash_sign}{anchor})"
