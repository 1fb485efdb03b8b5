"""What the browser loads first: the modules that the page cannot be without, all asked for at once."""

import gzip
import re
from pathlib import Path

import forest_serving.web

PAGE = Path(forest_serving.web.__file__).parent / "page"
IMPORTED = re.compile(r'^(?:import|export|\}) .*?from "\./([\w.]+)"', re.MULTILINE)


def modules_behind(name):
    """Return a module's name and those of all that it imports, but for what it imports later."""
    seen, to_see = set(), [name]
    while to_see:
        here = to_see.pop()
        seen.add(here)
        to_see += set(IMPORTED.findall((PAGE / here).read_text())) - seen
    return seen


def test_the_page_names_each_module_of_its_first_load_so_that_none_is_found_late():
    """A module that only another one names would be asked for once that one is there."""
    preloaded = re.findall(r'rel="modulepreload" href="ui/([\w.]+)"', (PAGE / "index.html").read_text())
    assert sorted(preloaded) == sorted(modules_behind("main.js") - {"main.js"})


def test_all_of_the_page_is_small_as_it_is_sent():
    """100 KB with the card of the model and the first answers, which are not counted here."""
    sizes = {file.name: len(gzip.compress(file.read_bytes())) for file in PAGE.iterdir() if file.name != "model.html"}
    assert sum(sizes.values()) < 90_000, sizes


def test_what_is_loaded_before_the_first_answer_is_small_even_unpacked():
    names = modules_behind("main.js") | {"index.html", "page.css"}
    assert sum((PAGE / name).stat().st_size for name in names) < 90_000
