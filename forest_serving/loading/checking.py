"""By which model rows are checked before they are stored."""

from forest_serving.models import store, versions
from forest_serving.models.reading import SUFFIX
from forest_serving.rows.columns import Columns


def columns_for(model: str) -> tuple[Columns | None, str]:
    """Return the columns that rows must fit, and how they are stored, in words.

    Args:
        model: a stored model's name or tag; empty: the only one that is stored, or else none.

    Raises:
        ModelMissing, DamagedModel: if the model cannot be read.
    """
    models = [] if model else _models()
    if not model and len(models) != 1:
        why = f"{len(models):,} models are stored" if models else "no model is stored here"
        return None, f"unchecked, numbers as numbers, because {why}; --model NAME checks them by a model's columns"
    stored = store.read(store.compiled_tag(model or models[0]))
    return Columns(stored.card), f"that fit {stored.tag}"


def _models() -> list[str]:
    folder = versions.store_folder()
    found = sorted(folder.glob(f"*{SUFFIX}")) if folder.is_dir() else []
    return [path.name.removesuffix(SUFFIX) for path in found if versions.versions(path)]
