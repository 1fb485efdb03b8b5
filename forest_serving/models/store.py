"""BentoML's model store; no other module knows what is in it.

Two models are kept: NAME_forest, what scikit-learn trained (a pickle, for people who retrain, inspect or prove), and
NAME_compiled, the engine (arrays, for serving), whose metadata is its card.
"""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import bentoml
import msgspec
from bentoml.exceptions import BentoMLConfigException, BentoMLException, NotFound

from forest_serving.card import Card, read_card, write_card
from forest_serving.engines import FORMAT
from forest_serving.errors import BadSetting, DamagedModel, ModelMissing

if TYPE_CHECKING:  # this module is also imported by the server's supervisor, which needs no NumPy
    from forest_serving.engines.engine import Engine
    from forest_serving.models.loaded_model import LoadedModel

ENGINE_FILE = "engine.npz"
_FORMAT_LABEL = "engine_format"
_SUFFIX = "_compiled"


class Stored(NamedTuple):
    """A model in the store: its tag, "name:version", and its card."""

    tag: str
    card: Card


def compiled_tag(text: str) -> str:
    """Return the tag of a compiled model: "wine" means "wine_compiled", "wine:abc" means "wine_compiled:abc"."""
    name, colon, version = text.partition(":")
    return f"{name.removesuffix(_SUFFIX)}{_SUFFIX}{colon}{version}"


def save(card: Card, forest: Any, engine: "Engine") -> tuple[str, str]:
    """Save a forest and its compiled engine as NAME_forest and NAME_compiled: both or neither.

    Args:
        card: of the model; what it says of engine, hash and forest is filled in here.
        forest: the fitted scikit-learn model.
        engine: the engine compiled from it.

    Returns:
        The tags of both.
    """
    # BentoML makes this module at run time, and only where scikit-learn is installed, as it is not when serving.
    import bentoml.sklearn  # type: ignore[import-not-found]

    from forest_serving.engines.archive import pack

    forest_tag = str(bentoml.sklearn.save_model(f"{card.name}_forest", forest).tag)
    try:
        file = pack(engine)
        card = msgspec.structs.replace(card, engine=engine.kind, engine_sha256=_sha256(file), forest=forest_tag)
        labels = {_FORMAT_LABEL: str(FORMAT)}
        with bentoml.models.create(f"{card.name}{_SUFFIX}", labels=labels, metadata=write_card(card)) as model:
            Path(model.path_of(ENGINE_FILE)).write_bytes(file)
    except BaseException:
        bentoml.models.delete(forest_tag)  # also when the disk is full
        raise
    return forest_tag, str(model.tag)


def read(tag: str, remedy: str = "") -> Stored:
    """Return what is known of a compiled model once its file was found whole; needs no NumPy.

    Args:
        tag: with or without a version.
        remedy: the command that makes such a model, for the errors; by default one that fits any model.

    Raises:
        ModelMissing: if the store has no such model.
        DamagedModel: if its file or its card is not what this software saves.
    """
    return _read(tag, remedy)[0]


def load(tag: str) -> "LoadedModel":
    """Return a compiled model that can answer; raises as read does."""
    from forest_serving.engines.archive import unpack
    from forest_serving.models.loaded_model import LoadedModel

    stored, file = _read(tag)
    engine, card = unpack(file), stored.card
    if engine.n_features != len(card.features) or _typed(engine.classes.tolist()) != _typed(card.labels):
        raise DamagedModel(f'Model "{stored.tag}" has other inputs or labels than its card. {_advice(tag)}')
    return LoadedModel(stored.tag, card, engine)


def load_forest(tag: str) -> Any:
    """Return the scikit-learn model that a compiled one came from. It is a pickle: load only what you saved."""
    import bentoml.sklearn

    try:
        return bentoml.sklearn.load_model(tag)
    except NotFound:
        raise ModelMissing(f'No model "{tag}" in the BentoML store; only the store that trained it has it.') from None


def newest_card(name: str) -> Card | None:
    """Return the card of the newest NAME_compiled, or None if there is none that can be read."""
    try:
        return read_card(_find(f"{name}{_SUFFIX}:latest").info.metadata)
    except (ModelMissing, DamagedModel):
        return None


def _read(tag: str, remedy: str = "") -> tuple[Stored, bytes]:
    model = _find(tag, remedy)
    found = f'model "{model.tag}"'
    try:
        card = read_card(model.info.metadata)
    except DamagedModel as error:
        raise DamagedModel(f"The card of {found} cannot be used: {error}. {_advice(tag, remedy)}") from None
    if (format_ := model.info.labels.get(_FORMAT_LABEL)) != str(FORMAT):
        wrong = f"The engine of {found} has the format {format_}, but this software reads {FORMAT}"
        raise DamagedModel(f"{wrong}. {_advice(tag, remedy)}")
    path = Path(model.path_of(ENGINE_FILE))
    file = path.read_bytes() if path.is_file() else b""
    if _sha256(file) != card.engine_sha256:
        raise DamagedModel(f"The file of {found} is not the one that was saved. {_advice(tag, remedy)}")
    return Stored(str(model.tag), card), file


def _find(tag: str, remedy: str = "") -> bentoml.Model:
    try:
        bentoml.Tag.from_str(tag)
    except (BentoMLException, ValueError):
        raise ModelMissing(f'No model can have the tag "{tag}". {_advice("")}') from None
    try:
        return bentoml.models.get(tag)
    except NotFound:
        raise ModelMissing(f'No model "{tag}" in the BentoML store. {_advice(tag, remedy)}') from None
    except BentoMLConfigException as error:
        raise BadSetting(f"BentoML cannot use BENTOML_HOME, BENTOML_CONFIG or its options: {error}.") from None
    except Exception as error:  # model.yaml can be broken in as many ways as YAML, cattrs and BentoML know
        raise DamagedModel(f'Model "{tag}" cannot be read ({type(error).__name__}). {_advice(tag, remedy)}') from None


def _advice(tag: str, remedy: str = "") -> str:
    name, _, version = tag.partition(":")
    if version not in ("", "latest") or not name.endswith(_SUFFIX):
        return 'Choose one that is there: "bentoml models list" shows them.'
    if remedy:
        return f"Run: {remedy}"
    name = name.removesuffix(_SUFFIX)
    return f'Save one with forest_serving.save("{name}", …), or run: python -m forest_serving save FILE --name {name}'


def _typed(labels: list[Any]) -> list[tuple[type, Any]]:
    return [(type(label), label) for label in labels]  # 1, 1.0 and True are equal, but not on the wire


def _sha256(file: bytes) -> str:
    return hashlib.sha256(file).hexdigest()
