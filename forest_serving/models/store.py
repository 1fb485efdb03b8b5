"""BentoML's model store; no other module knows what is in it.

Two models are kept: NAME_forest, what scikit-learn trained (a pickle, for people who retrain, inspect or prove), and
NAME_compiled, the engine (arrays, for serving), whose metadata is its card. The card is there as Markdown, too, which
nothing reads but people. A crash at any instant, and a full disk, leave the old ones or the new ones: drafts.py and
publishing.py write, versions.py and reading.py read.
"""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from bentoml.exceptions import BentoMLException

from forest_serving.card import Card, sha256_of_card, write_card
from forest_serving.engines import FORMAT
from forest_serving.errors import DamagedModel, ModelMissing, ModelNotSaved
from forest_serving.models import versions
from forest_serving.models.forests import FOREST_FILE, forest_file, load_forest
from forest_serving.models.reading import (
    CARD_LABEL,
    ENGINE_FILE,
    EXPLANATION_FILE,
    FORMAT_LABEL,
    SUFFIX,
    Stored,
    advice,
    find,
    sha256,
)

__all__ = [
    "Stored",
    "compiled_tag",
    "explanation",
    "is_whole",
    "load",
    "load_forest",
    "newest_card",
    "read",
    "save",
]

if TYPE_CHECKING:  # this module is also imported by the server's supervisor, which needs no NumPy
    from forest_serving.engines.engine import Engine
    from forest_serving.models.loaded_model import LoadedModel


def compiled_tag(text: str) -> str:
    """Return the tag of a compiled model: "wine" means "wine_compiled", "wine:abc" means "wine_compiled:abc"."""
    name, colon, version = text.partition(":")
    return f"{name.removesuffix(SUFFIX)}{SUFFIX}{colon}{version}"


def save(card: Card, forest: Any, engine: "Engine", explanation: bytes = b"") -> tuple[str, str]:
    """Save a forest and its compiled engine as NAME_forest and NAME_compiled: both or neither.

    Args:
        card: of the model; what it says of engine, hashes and forest is filled in here.
        forest: the fitted scikit-learn model.
        engine: the engine compiled from it.
        explanation: a file that explains its answers, if there is one.

    Returns:
        The tags of both.

    Raises:
        ModelNotSaved: if the store cannot be written.
    """
    from forest_serving.engines.archive import pack
    from forest_serving.models.drafts import drafting
    from forest_serving.models.publishing import publish

    files, store = {ENGINE_FILE: pack(engine), EXPLANATION_FILE: explanation}, versions.store_folder()
    try:
        with drafting(store) as draft:
            tags = _write(draft, msgspec.structs.replace(card, engine=engine.kind), forest, files)
            publish(draft, store, tags, lambda: _check(*tags))
    except (OSError, BentoMLException) as error:
        reason = getattr(error, "strerror", None) or "is the disk full, or not writable?"
        where = getattr(error, "filename", None) or f"{store} or {tempfile.gettempdir()}"
        fix = "Make room, or let it be written, and save again"
        raise ModelNotSaved(f'The model "{card.name}" was not saved: {reason} ({where}). {fix}.') from None
    return tags


def _write(draft: Path, card: Card, forest: Any, files: dict[str, bytes]) -> tuple[str, str]:
    """Save both models in a draft; return their tags."""
    # BentoML makes this module at run time, and only where scikit-learn is installed, as it is not when serving.
    import bentoml.sklearn  # type: ignore[import-not-found]

    from forest_serving.models.card_markdown import FILE, card_markdown
    from forest_serving.models.drafts import bentoml_saves_in

    with bentoml_saves_in(draft):
        forest_tag = str(bentoml.sklearn.save_model(f"{card.name}_forest", forest).tag)
        pickled = (draft / forest_tag.replace(":", "/") / FOREST_FILE).read_bytes()
        hashes = {"engine_sha256": sha256(files[ENGINE_FILE]), "forest_sha256": sha256(pickled)}
        if files[EXPLANATION_FILE]:
            hashes["explanation_sha256"] = sha256(files[EXPLANATION_FILE])
        card = msgspec.structs.replace(card, forest=forest_tag, **hashes)
        metadata = write_card(card)
        labels = {FORMAT_LABEL: str(FORMAT), CARD_LABEL: sha256_of_card(metadata)}
        with bentoml.models.create(f"{card.name}{SUFFIX}", labels=labels, metadata=metadata) as model:
            for name, file in files.items():
                if file:
                    Path(model.path_of(name)).write_bytes(file)
            Path(model.path_of(FILE)).write_text(card_markdown(str(model.tag), card), encoding="utf-8")
    return forest_tag, str(model.tag)


def _check(*tags: str) -> None:
    """Raise ModelNotSaved unless these are what is newest, and what readers get."""
    forest, compiled = tags
    found = read(compiled.partition(":")[0]).tag, versions.latest(versions.store_folder() / forest.partition(":")[0])
    if found != (compiled, forest.partition(":")[2]):
        raise ModelNotSaved(f"{compiled} was not saved: the store says that {found[0]} is newer. Save it again.")


def read(tag: str, remedy: str = "") -> Stored:
    """Return what is known of a compiled model once its file was found whole; needs no NumPy.

    Args:
        tag: with or without a version; without one, what NAME/latest names, or else the newest version that is whole.
        remedy: the command that makes such a model, for the errors; by default one that fits any model.

    Raises:
        ModelMissing: if the store has no such model.
        DamagedModel: if its file or its card is not what this software saves.
    """
    return find(tag, remedy)[0]


def explanation(tag: str, card: Card) -> bytes:
    """Return the file that explains a compiled model's answers.

    Args:
        tag: with its version.
        card: the model's, which says that there is such a file.

    Raises:
        DamagedModel: if the file is not what was saved.
    """
    file = versions.contents(versions.store_folder() / tag.replace(":", "/") / EXPLANATION_FILE)
    if sha256(file) != card.explanation_sha256:
        raise DamagedModel(f'What explains model "{tag}" is not what was saved. {advice(tag)}')
    return file


def load(tag: str) -> "LoadedModel":
    """Return a compiled model that can answer; raises as read does."""
    from forest_serving.engines.archive import unpack
    from forest_serving.models.loaded_model import LoadedModel

    stored, file = find(tag)
    engine, card = unpack(file), stored.card
    told = (card.engine, len(card.features), _typed(card.labels))
    if told != (engine.kind, engine.n_features, _typed(engine.classes.tolist())):
        raise DamagedModel(f'Model "{stored.tag}" has other inputs or labels than its card. {advice(tag)}')
    return LoadedModel(stored.tag, card, engine)


def newest_card(name: str) -> Card | None:
    """Return the card of the newest NAME_compiled, or None if there is none that can be read."""
    try:
        return read(f"{name}{SUFFIX}").card
    except (ModelMissing, DamagedModel):
        return None


def is_whole(name: str) -> bool:
    """Return whether the newest version of a model, by NAME/latest, and its forest are what was saved."""
    if not versions.latest(versions.store_folder() / f"{name}{SUFFIX}"):
        return False
    try:
        forest_file(load(f"{name}{SUFFIX}").card)
    except (ModelMissing, DamagedModel):
        return False
    return True


def _typed(labels: list[Any]) -> list[tuple[type, Any]]:
    return [(type(label), label) for label in labels]  # 1, 1.0 and True are equal, but not on the wire
