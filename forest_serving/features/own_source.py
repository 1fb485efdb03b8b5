"""A source that the user has written: python:module:callable, called with that text."""

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from forest_serving.errors import BadSetting


def own_source(url: str) -> Any:
    """Return the Source or LocalSource that python:module:callable makes.

    Args:
        url: that text; what follows a question mark is the callable's own affair.

    Raises:
        BadSetting: if there is no such callable, or what it returns is no source.
    """
    module_name, _, name = url.partition("?")[0].removeprefix("python:").partition(":")
    if (here := str(Path.cwd())) not in sys.path:
        sys.path.insert(0, here)
    try:
        make: Any = getattr(import_module(module_name), name)
        source = make(url)
    except Exception as error:
        sentence = f"FOREST_FEATURES cannot be used: {module_name}:{name} fails ({type(error).__name__}: {error})."
        raise BadSetting(sentence) from error
    if not hasattr(source, "look_up") and not hasattr(source, "fetch"):
        raise BadSetting(f"FOREST_FEATURES cannot be used: {module_name}:{name} returns neither fetch nor look_up.")
    return source
