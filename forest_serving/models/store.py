"""The only module that knows BentoML's model store.

Two models are kept: NAME_forest, the scikit-learn forest (a pickle, for people who retrain, inspect or prove), and
NAME_compiled, the engine (arrays, for serving), whose metadata says where it came from.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bentoml
from bentoml.exceptions import BentoMLConfigException, NotFound

from forest_serving.engines import FORMAT
from forest_serving.errors import BadSetting, DamagedModel, ModelMissing
from forest_serving.schema import CLASS_NAMES, FEATURES, MODEL_NAME

if TYPE_CHECKING:  # this module is also imported by the server's supervisor, which needs no NumPy
    from forest_serving.engines.engine import Engine
    from forest_serving.models.loaded_model import ServedModel

ENGINE_FILE = "engine.npz"
_NEEDED = {"format", "features", "classes", "feature_ranges", "training", "engine_sha256", "forest"}


def save(name: str, forest: Any, engine: "Engine", metadata: Mapping[str, Any]) -> tuple[str, str]:
    """Save a forest and its compiled engine as NAME_forest and NAME_compiled.

    Args:
        name: the common part of both models' names.
        forest: the fitted scikit-learn forest.
        engine: the engine compiled from it.
        metadata: what to keep with the engine; JSON types only.

    Returns:
        The tags of both.
    """
    # BentoML makes this module at run time, and only where scikit-learn is installed, as it is not when serving.
    import bentoml.sklearn  # type: ignore[import-not-found]

    from forest_serving.engines.archive import pack

    forest_tag = str(bentoml.sklearn.save_model(f"{name}_forest", forest).tag)
    file = pack(engine)
    facts = {**metadata, "format": FORMAT, "engine": engine.kind, "engine_sha256": _sha256(file), "forest": forest_tag}
    try:
        with bentoml.models.create(f"{name}_compiled", metadata=facts) as model:
            Path(model.path_of(ENGINE_FILE)).write_bytes(file)
    except BaseException:
        bentoml.models.delete(forest_tag)  # both or neither, also when the disk is full
        raise
    return forest_tag, str(model.tag)


def check(tag: str) -> None:
    """Raise ModelMissing or DamagedModel unless load would succeed up to reading the arrays; needs no NumPy."""
    _read(tag)


def load(tag: str) -> "ServedModel":
    """Return a compiled model.

    Raises:
        ModelMissing: if the store has no such model.
        DamagedModel: if its file is not what was saved, or was made for another schema.
    """
    from forest_serving.engines.archive import unpack
    from forest_serving.models.loaded_model import ServedModel

    found, metadata, file = _read(tag)
    engine = unpack(file)
    if engine.n_features != len(FEATURES) or engine.classes.tolist() != list(range(len(CLASS_NAMES))):
        raise DamagedModel(f'Model "{found}" has other inputs or labels than schema.py. Run: {_remedy(tag)}')
    return ServedModel(found, engine, metadata)


def load_forest(tag: str) -> Any:
    """Return the scikit-learn forest that a compiled model came from. It is a pickle: load only what you saved."""
    import bentoml.sklearn

    try:
        return bentoml.sklearn.load_model(tag)
    except NotFound:
        raise ModelMissing(f'No model "{tag}" in the BentoML store; only the store that trained it has it.') from None


def newest_metadata(name: str) -> Mapping[str, Any]:
    """Return the metadata of the newest NAME_compiled, or nothing if there is none that can be read."""
    try:
        return _model(f"{name}_compiled:latest")[1]
    except (ModelMissing, DamagedModel):
        return {}


def _read(tag: str) -> tuple[str, dict[str, Any], bytes]:
    model, metadata = _model(tag)
    if not metadata.keys() >= _NEEDED:
        raise DamagedModel(f'Model "{model.tag}" was not saved by train_and_save.py. Run: {_remedy(tag)}')
    expected = {"format": FORMAT, "features": [f.name for f in FEATURES], "classes": list(CLASS_NAMES)}
    for key, value in expected.items():
        if metadata[key] != value:
            raise DamagedModel(
                f'Model "{model.tag}" has the {key} {json.dumps(metadata[key])}, but this code expects'
                f" {json.dumps(value)}. Run: {_remedy(tag)}"
            )
    path = Path(model.path_of(ENGINE_FILE))
    file = path.read_bytes() if path.is_file() else b""
    if _sha256(file) != metadata["engine_sha256"]:
        raise DamagedModel(f'The file of model "{model.tag}" is not the one that was saved. Run: {_remedy(tag)}')
    return str(model.tag), metadata, file


def _model(tag: str) -> tuple[bentoml.Model, dict[str, Any]]:
    try:
        model = bentoml.models.get(tag)
        return model, dict(model.info.metadata)
    except NotFound:
        raise ModelMissing(f'No model "{tag}" in the BentoML store. Run: {_remedy(tag)}') from None
    except BentoMLConfigException as error:
        raise BadSetting(f"BentoML cannot use BENTOML_HOME, BENTOML_CONFIG or its options: {error}.") from None
    except Exception as error:  # model.yaml can be broken in as many ways as YAML, cattrs and BentoML know
        raise DamagedModel(f'Model "{tag}" cannot be read ({type(error).__name__}). Run: {_remedy(tag)}') from None


def _remedy(tag: str) -> str:
    name, _, version = tag.partition(":")
    if version not in ("", "latest") or not name.endswith("_compiled"):
        return "bentoml models list, and set FOREST_MODEL to a ..._compiled model that it shows"
    option = "" if name == f"{MODEL_NAME}_compiled" else f" --model-name {name.removesuffix('_compiled')}"
    return f"python train_and_save.py{option}"


def _sha256(file: bytes) -> str:
    return hashlib.sha256(file).hexdigest()
